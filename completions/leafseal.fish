# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_leafseal_global_optspecs
    string join \n e/encrypt d/decrypt r/rotate set= s/show-master-keys extract= ignore-mac decryption-order= lenient i/in-place output= indent= input-type= output-type= filename-override= a/age= shamir-secret-sharing-threshold= unencrypted-suffix= encrypted-suffix= unencrypted-regex= encrypted-regex= unencrypted-comment-regex= encrypted-comment-regex= mac-only-encrypted no-layout enable-local-keyservice= keyservice= aws-profile= p/pgp= k/kms= gcp-kms= hckms= azure-kv= hc-vault-transit= encryption-context= add-age= rm-age= add-pgp= rm-pgp= add-kms= rm-kms= add-gcp-kms= rm-gcp-kms= add-hckms= rm-hckms= add-azure-kv= rm-azure-kv= add-hc-vault-transit= rm-hc-vault-transit= allow-extra-keys config= verbose disable-version-check check-for-updates v/version h/help
end

function __fish_leafseal_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_leafseal_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_leafseal_using_subcommand
    set -l cmd (__fish_leafseal_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c leafseal -n "__fish_leafseal_needs_command" -l set -d 'Set one value: \'["path"] VALUE\'; takes all flags of `set`' -r
complete -c leafseal -n "__fish_leafseal_needs_command" -l extract -d 'Print only the value at this path, such as \'["key"][0]\'' -r
complete -c leafseal -n "__fish_leafseal_needs_command" -l decryption-order -d 'Try key types in this order, separated by commas [variable: SOPS_DECRYPTION_ORDER]' -r
complete -c leafseal -n "__fish_leafseal_needs_command" -l output -d 'Write the result to this file' -r -F
complete -c leafseal -n "__fish_leafseal_needs_command" -l indent -d 'Indent new lines of YAML or JSON output by this many spaces' -r
complete -c leafseal -n "__fish_leafseal_needs_command" -l input-type -d 'Read this format (yaml, json, dotenv, ini, binary) whatever the file is called' -r
complete -c leafseal -n "__fish_leafseal_needs_command" -l output-type -d 'Write this format instead of the one of the input' -r
complete -c leafseal -n "__fish_leafseal_needs_command" -l filename-override -d 'Choose the creation rule and the formats as if the file had this path' -r -F
complete -c leafseal -n "__fish_leafseal_needs_command" -s a -l age -d 'Encrypt for these age recipients, separated by commas [variable: SOPS_AGE_RECIPIENTS]' -r
complete -c leafseal -n "__fish_leafseal_needs_command" -l shamir-secret-sharing-threshold -d 'Ask for this many key groups to decrypt (0: take it from the creation rule)' -r
complete -c leafseal -n "__fish_leafseal_needs_command" -l unencrypted-suffix -d 'Leave values in clear below keys that end so (the default: _unencrypted)' -r
complete -c leafseal -n "__fish_leafseal_needs_command" -l encrypted-suffix -d 'Encrypt only values below keys that end so' -r
complete -c leafseal -n "__fish_leafseal_needs_command" -l unencrypted-regex -d 'Leave values in clear below keys that match' -r
complete -c leafseal -n "__fish_leafseal_needs_command" -l encrypted-regex -d 'Encrypt only values below keys that match' -r
complete -c leafseal -n "__fish_leafseal_needs_command" -l unencrypted-comment-regex -d 'Leave values in clear whose comment matches' -r
complete -c leafseal -n "__fish_leafseal_needs_command" -l encrypted-comment-regex -d 'Encrypt only values whose comment matches' -r
complete -c leafseal -n "__fish_leafseal_needs_command" -l enable-local-keyservice -d 'Use the keys of this machine (the default) [variable: SOPS_ENABLE_LOCAL_KEYSERVICE]' -r -f -a "true\t''
false\t''"
complete -c leafseal -n "__fish_leafseal_needs_command" -l keyservice -d 'Ask this key service too, such as tcp://HOST:PORT; repeatable [variable: SOPS_KEYSERVICE]' -r
complete -c leafseal -n "__fish_leafseal_needs_command" -l aws-profile -d 'Use this AWS profile (AWS keys are not built in yet)' -r
complete -c leafseal -n "__fish_leafseal_needs_command" -s p -l pgp -d 'Encrypt for these OpenPGP fingerprints [variable: SOPS_PGP_FP]' -r
complete -c leafseal -n "__fish_leafseal_needs_command" -s k -l kms -d 'Encrypt for these AWS KMS key ARNs [variable: SOPS_KMS_ARN]' -r
complete -c leafseal -n "__fish_leafseal_needs_command" -l gcp-kms -d 'Encrypt for these GCP KMS resource ids [variable: SOPS_GCP_KMS_IDS]' -r
complete -c leafseal -n "__fish_leafseal_needs_command" -l hckms -d 'Encrypt for these Huawei Cloud KMS keys, region:uuid [variable: SOPS_HUAWEICLOUD_KMS_IDS]' -r
complete -c leafseal -n "__fish_leafseal_needs_command" -l azure-kv -d 'Encrypt for these Azure Key Vault key URLs [variable: SOPS_AZURE_KEYVAULT_URLS]' -r
complete -c leafseal -n "__fish_leafseal_needs_command" -l hc-vault-transit -d 'Encrypt for these Vault transit key URIs [variable: SOPS_VAULT_URIS]' -r
complete -c leafseal -n "__fish_leafseal_needs_command" -l encryption-context -d 'Bind AWS KMS keys to these key:value pairs, separated by commas' -r
complete -c leafseal -n "__fish_leafseal_needs_command" -l add-age -d 'Add age recipients' -r
complete -c leafseal -n "__fish_leafseal_needs_command" -l rm-age -d 'Remove age recipients' -r
complete -c leafseal -n "__fish_leafseal_needs_command" -l add-pgp -d 'Add OpenPGP fingerprints' -r
complete -c leafseal -n "__fish_leafseal_needs_command" -l rm-pgp -d 'Remove OpenPGP fingerprints' -r
complete -c leafseal -n "__fish_leafseal_needs_command" -l add-kms -d 'Add AWS KMS key ARNs' -r
complete -c leafseal -n "__fish_leafseal_needs_command" -l rm-kms -d 'Remove AWS KMS key ARNs' -r
complete -c leafseal -n "__fish_leafseal_needs_command" -l add-gcp-kms -d 'Add GCP KMS resource ids' -r
complete -c leafseal -n "__fish_leafseal_needs_command" -l rm-gcp-kms -d 'Remove GCP KMS resource ids' -r
complete -c leafseal -n "__fish_leafseal_needs_command" -l add-hckms -d 'Add Huawei Cloud KMS keys' -r
complete -c leafseal -n "__fish_leafseal_needs_command" -l rm-hckms -d 'Remove Huawei Cloud KMS keys' -r
complete -c leafseal -n "__fish_leafseal_needs_command" -l add-azure-kv -d 'Add Azure Key Vault key URLs' -r
complete -c leafseal -n "__fish_leafseal_needs_command" -l rm-azure-kv -d 'Remove Azure Key Vault key URLs' -r
complete -c leafseal -n "__fish_leafseal_needs_command" -l add-hc-vault-transit -d 'Add Vault transit key URIs' -r
complete -c leafseal -n "__fish_leafseal_needs_command" -l rm-hc-vault-transit -d 'Remove Vault transit key URIs' -r
complete -c leafseal -n "__fish_leafseal_needs_command" -l config -d 'Use this config file instead of searching for .sops.yaml [variable: SOPS_CONFIG]' -r -F
complete -c leafseal -n "__fish_leafseal_needs_command" -s e -l encrypt -d 'Encrypt the file; takes all flags of `encrypt`'
complete -c leafseal -n "__fish_leafseal_needs_command" -s d -l decrypt -d 'Decrypt the file; takes all flags of `decrypt`'
complete -c leafseal -n "__fish_leafseal_needs_command" -s r -l rotate -d 'Make a new data key and encrypt all values again; takes all flags of `rotate`'
complete -c leafseal -n "__fish_leafseal_needs_command" -s s -l show-master-keys -d 'Show the metadata below the values, to change keys and selector there'
complete -c leafseal -n "__fish_leafseal_needs_command" -l ignore-mac -d 'Decrypt although the MAC does not match: the values may have been tampered with'
complete -c leafseal -n "__fish_leafseal_needs_command" -l lenient -d 'Accept malformed envelopes that the reference accepts'
complete -c leafseal -n "__fish_leafseal_needs_command" -s i -l in-place -d 'Write the result back to the file'
complete -c leafseal -n "__fish_leafseal_needs_command" -l mac-only-encrypted -d 'Compute the MAC only over values that end up encrypted'
complete -c leafseal -n "__fish_leafseal_needs_command" -l no-layout -d 'Do not record how values were spelled (1.10, 0644, folded lines, aliases)'
complete -c leafseal -n "__fish_leafseal_needs_command" -l allow-extra-keys -d 'Rotate although the file names keys that its creation rule does not'
complete -c leafseal -n "__fish_leafseal_needs_command" -l verbose -d 'Say on standard error what is done'
complete -c leafseal -n "__fish_leafseal_needs_command" -l disable-version-check -d 'Accepted for compatibility: --version asks no server [variable: SOPS_DISABLE_VERSION_CHECK]'
complete -c leafseal -n "__fish_leafseal_needs_command" -l check-for-updates -d 'Accepted for compatibility: --version asks no server'
complete -c leafseal -n "__fish_leafseal_needs_command" -s v -l version -d 'Print the version'
complete -c leafseal -n "__fish_leafseal_needs_command" -s h -l help -d 'Print this help'
complete -c leafseal -n "__fish_leafseal_needs_command" -a "encrypt" -d 'Encrypt a file, or standard input'
complete -c leafseal -n "__fish_leafseal_needs_command" -a "decrypt" -d 'Decrypt a file, or standard input'
complete -c leafseal -n "__fish_leafseal_needs_command" -a "rotate" -d 'Make a new data key and encrypt all values again; add and remove keys'
complete -c leafseal -n "__fish_leafseal_needs_command" -a "edit" -d 'Change a file in an editor, or make a new one'
complete -c leafseal -n "__fish_leafseal_needs_command" -a "set" -d 'Set one value of an encrypted file'
complete -c leafseal -n "__fish_leafseal_needs_command" -a "unset" -d 'Remove one value of an encrypted file'
complete -c leafseal -n "__fish_leafseal_needs_command" -a "updatekeys" -d 'Give files the keys of their creation rules'
complete -c leafseal -n "__fish_leafseal_needs_command" -a "groups" -d 'Add or delete a key group of a file'
complete -c leafseal -n "__fish_leafseal_needs_command" -a "exec-env" -d 'Run a command with the values of files as variables'
complete -c leafseal -n "__fish_leafseal_needs_command" -a "exec-file" -d 'Run a command with a file in clear that is gone afterwards'
complete -c leafseal -n "__fish_leafseal_needs_command" -a "filestatus" -d 'Tell whether a file is encrypted, as JSON'
complete -c leafseal -n "__fish_leafseal_needs_command" -a "config" -d 'Show which creation rule of .sops.yaml is in force for files, and why'
complete -c leafseal -n "__fish_leafseal_needs_command" -a "audit" -d 'Show who encrypted and decrypted what on this machine, if that is recorded'
complete -c leafseal -n "__fish_leafseal_needs_command" -a "init" -d 'Make an age identity and a .sops.yaml where there are none'
complete -c leafseal -n "__fish_leafseal_needs_command" -a "doctor" -d 'Find out why a key of a cloud service does not work'
complete -c leafseal -n "__fish_leafseal_needs_command" -a "completion" -d 'Print the completion script of a shell'
complete -c leafseal -n "__fish_leafseal_needs_command" -a "man" -d 'Write the manual pages into a folder'
complete -c leafseal -n "__fish_leafseal_needs_command" -a "help" -d 'Show the help of a command'
complete -c leafseal -n "__fish_leafseal_using_subcommand encrypt" -l output -d 'Write the result to this file' -r -F
complete -c leafseal -n "__fish_leafseal_using_subcommand encrypt" -l indent -d 'Indent new lines of YAML or JSON output by this many spaces' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand encrypt" -l input-type -d 'Read this format (yaml, json, dotenv, ini, binary) whatever the file is called' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand encrypt" -l output-type -d 'Write this format instead of the one of the input' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand encrypt" -l filename-override -d 'Choose the creation rule and the formats as if the file had this path' -r -F
complete -c leafseal -n "__fish_leafseal_using_subcommand encrypt" -s a -l age -d 'Encrypt for these age recipients, separated by commas [variable: SOPS_AGE_RECIPIENTS]' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand encrypt" -l shamir-secret-sharing-threshold -d 'Ask for this many key groups to decrypt (0: take it from the creation rule)' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand encrypt" -l unencrypted-suffix -d 'Leave values in clear below keys that end so (the default: _unencrypted)' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand encrypt" -l encrypted-suffix -d 'Encrypt only values below keys that end so' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand encrypt" -l unencrypted-regex -d 'Leave values in clear below keys that match' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand encrypt" -l encrypted-regex -d 'Encrypt only values below keys that match' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand encrypt" -l unencrypted-comment-regex -d 'Leave values in clear whose comment matches' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand encrypt" -l encrypted-comment-regex -d 'Encrypt only values whose comment matches' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand encrypt" -l enable-local-keyservice -d 'Use the keys of this machine (the default) [variable: SOPS_ENABLE_LOCAL_KEYSERVICE]' -r -f -a "true\t''
false\t''"
complete -c leafseal -n "__fish_leafseal_using_subcommand encrypt" -l keyservice -d 'Ask this key service too, such as tcp://HOST:PORT; repeatable [variable: SOPS_KEYSERVICE]' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand encrypt" -l aws-profile -d 'Use this AWS profile (AWS keys are not built in yet)' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand encrypt" -s p -l pgp -d 'Encrypt for these OpenPGP fingerprints [variable: SOPS_PGP_FP]' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand encrypt" -s k -l kms -d 'Encrypt for these AWS KMS key ARNs [variable: SOPS_KMS_ARN]' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand encrypt" -l gcp-kms -d 'Encrypt for these GCP KMS resource ids [variable: SOPS_GCP_KMS_IDS]' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand encrypt" -l hckms -d 'Encrypt for these Huawei Cloud KMS keys, region:uuid [variable: SOPS_HUAWEICLOUD_KMS_IDS]' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand encrypt" -l azure-kv -d 'Encrypt for these Azure Key Vault key URLs [variable: SOPS_AZURE_KEYVAULT_URLS]' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand encrypt" -l hc-vault-transit -d 'Encrypt for these Vault transit key URIs [variable: SOPS_VAULT_URIS]' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand encrypt" -l encryption-context -d 'Bind AWS KMS keys to these key:value pairs, separated by commas' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand encrypt" -l config -d 'Use this config file instead of searching for .sops.yaml [variable: SOPS_CONFIG]' -r -F
complete -c leafseal -n "__fish_leafseal_using_subcommand encrypt" -s i -l in-place -d 'Write the result back to the file'
complete -c leafseal -n "__fish_leafseal_using_subcommand encrypt" -l mac-only-encrypted -d 'Compute the MAC only over values that end up encrypted'
complete -c leafseal -n "__fish_leafseal_using_subcommand encrypt" -l no-layout -d 'Do not record how values were spelled (1.10, 0644, folded lines, aliases)'
complete -c leafseal -n "__fish_leafseal_using_subcommand encrypt" -l verbose -d 'Say on standard error what is done'
complete -c leafseal -n "__fish_leafseal_using_subcommand encrypt" -l disable-version-check -d 'Accepted for compatibility: --version asks no server [variable: SOPS_DISABLE_VERSION_CHECK]'
complete -c leafseal -n "__fish_leafseal_using_subcommand encrypt" -l check-for-updates -d 'Accepted for compatibility: --version asks no server'
complete -c leafseal -n "__fish_leafseal_using_subcommand encrypt" -s v -l version -d 'Print the version'
complete -c leafseal -n "__fish_leafseal_using_subcommand encrypt" -s h -l help -d 'Print this help'
complete -c leafseal -n "__fish_leafseal_using_subcommand decrypt" -l extract -d 'Print only the value at this path, such as \'["key"][0]\'' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand decrypt" -l decryption-order -d 'Try key types in this order, separated by commas [variable: SOPS_DECRYPTION_ORDER]' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand decrypt" -l output -d 'Write the result to this file' -r -F
complete -c leafseal -n "__fish_leafseal_using_subcommand decrypt" -l indent -d 'Indent new lines of YAML or JSON output by this many spaces' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand decrypt" -l input-type -d 'Read this format (yaml, json, dotenv, ini, binary) whatever the file is called' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand decrypt" -l output-type -d 'Write this format instead of the one of the input' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand decrypt" -l filename-override -d 'Choose the creation rule and the formats as if the file had this path' -r -F
complete -c leafseal -n "__fish_leafseal_using_subcommand decrypt" -l enable-local-keyservice -d 'Use the keys of this machine (the default) [variable: SOPS_ENABLE_LOCAL_KEYSERVICE]' -r -f -a "true\t''
false\t''"
complete -c leafseal -n "__fish_leafseal_using_subcommand decrypt" -l keyservice -d 'Ask this key service too, such as tcp://HOST:PORT; repeatable [variable: SOPS_KEYSERVICE]' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand decrypt" -l aws-profile -d 'Use this AWS profile (AWS keys are not built in yet)' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand decrypt" -l config -d 'Use this config file instead of searching for .sops.yaml [variable: SOPS_CONFIG]' -r -F
complete -c leafseal -n "__fish_leafseal_using_subcommand decrypt" -l ignore-mac -d 'Decrypt although the MAC does not match: the values may have been tampered with'
complete -c leafseal -n "__fish_leafseal_using_subcommand decrypt" -l lenient -d 'Accept malformed envelopes that the reference accepts'
complete -c leafseal -n "__fish_leafseal_using_subcommand decrypt" -s i -l in-place -d 'Write the result back to the file'
complete -c leafseal -n "__fish_leafseal_using_subcommand decrypt" -l verbose -d 'Say on standard error what is done'
complete -c leafseal -n "__fish_leafseal_using_subcommand decrypt" -l disable-version-check -d 'Accepted for compatibility: --version asks no server [variable: SOPS_DISABLE_VERSION_CHECK]'
complete -c leafseal -n "__fish_leafseal_using_subcommand decrypt" -l check-for-updates -d 'Accepted for compatibility: --version asks no server'
complete -c leafseal -n "__fish_leafseal_using_subcommand decrypt" -s v -l version -d 'Print the version'
complete -c leafseal -n "__fish_leafseal_using_subcommand decrypt" -s h -l help -d 'Print this help'
complete -c leafseal -n "__fish_leafseal_using_subcommand rotate" -l add-age -d 'Add age recipients' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand rotate" -l rm-age -d 'Remove age recipients' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand rotate" -l add-pgp -d 'Add OpenPGP fingerprints' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand rotate" -l rm-pgp -d 'Remove OpenPGP fingerprints' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand rotate" -l add-kms -d 'Add AWS KMS key ARNs' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand rotate" -l rm-kms -d 'Remove AWS KMS key ARNs' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand rotate" -l add-gcp-kms -d 'Add GCP KMS resource ids' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand rotate" -l rm-gcp-kms -d 'Remove GCP KMS resource ids' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand rotate" -l add-hckms -d 'Add Huawei Cloud KMS keys' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand rotate" -l rm-hckms -d 'Remove Huawei Cloud KMS keys' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand rotate" -l add-azure-kv -d 'Add Azure Key Vault key URLs' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand rotate" -l rm-azure-kv -d 'Remove Azure Key Vault key URLs' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand rotate" -l add-hc-vault-transit -d 'Add Vault transit key URIs' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand rotate" -l rm-hc-vault-transit -d 'Remove Vault transit key URIs' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand rotate" -l output -d 'Write the result to this file' -r -F
complete -c leafseal -n "__fish_leafseal_using_subcommand rotate" -l indent -d 'Indent new lines of YAML or JSON output by this many spaces' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand rotate" -l input-type -d 'Read this format (yaml, json, dotenv, ini, binary) whatever the file is called' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand rotate" -l output-type -d 'Write this format instead of the one of the input' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand rotate" -l filename-override -d 'Choose the creation rule and the formats as if the file had this path' -r -F
complete -c leafseal -n "__fish_leafseal_using_subcommand rotate" -l decryption-order -d 'Try key types in this order, separated by commas [variable: SOPS_DECRYPTION_ORDER]' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand rotate" -l enable-local-keyservice -d 'Use the keys of this machine (the default) [variable: SOPS_ENABLE_LOCAL_KEYSERVICE]' -r -f -a "true\t''
false\t''"
complete -c leafseal -n "__fish_leafseal_using_subcommand rotate" -l keyservice -d 'Ask this key service too, such as tcp://HOST:PORT; repeatable [variable: SOPS_KEYSERVICE]' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand rotate" -l aws-profile -d 'Use this AWS profile (AWS keys are not built in yet)' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand rotate" -l encryption-context -d 'Bind AWS KMS keys to these key:value pairs (AWS keys are not built in yet)' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand rotate" -l config -d 'Use this config file instead of searching for .sops.yaml [variable: SOPS_CONFIG]' -r -F
complete -c leafseal -n "__fish_leafseal_using_subcommand rotate" -l allow-extra-keys -d 'Rotate although the file names keys that its creation rule does not'
complete -c leafseal -n "__fish_leafseal_using_subcommand rotate" -s i -l in-place -d 'Write the result back to the file'
complete -c leafseal -n "__fish_leafseal_using_subcommand rotate" -l ignore-mac -d 'Go on although the MAC does not match: the values may have been tampered with'
complete -c leafseal -n "__fish_leafseal_using_subcommand rotate" -l lenient -d 'Accept malformed envelopes that the reference accepts'
complete -c leafseal -n "__fish_leafseal_using_subcommand rotate" -l verbose -d 'Say on standard error what is done'
complete -c leafseal -n "__fish_leafseal_using_subcommand rotate" -l disable-version-check -d 'Accepted for compatibility: --version asks no server [variable: SOPS_DISABLE_VERSION_CHECK]'
complete -c leafseal -n "__fish_leafseal_using_subcommand rotate" -l check-for-updates -d 'Accepted for compatibility: --version asks no server'
complete -c leafseal -n "__fish_leafseal_using_subcommand rotate" -s v -l version -d 'Print the version'
complete -c leafseal -n "__fish_leafseal_using_subcommand rotate" -s h -l help -d 'Print this help'
complete -c leafseal -n "__fish_leafseal_using_subcommand edit" -l input-type -d 'Read this format (yaml, json, dotenv, ini, binary) whatever the file is called' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand edit" -l output-type -d 'Show this format in the editor, and write it' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand edit" -l indent -d 'Indent new lines of YAML or JSON by this many spaces' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand edit" -l decryption-order -d 'Try key types in this order, separated by commas [variable: SOPS_DECRYPTION_ORDER]' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand edit" -s a -l age -d 'Encrypt for these age recipients, separated by commas [variable: SOPS_AGE_RECIPIENTS]' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand edit" -l shamir-secret-sharing-threshold -d 'Ask for this many key groups to decrypt (0: take it from the creation rule)' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand edit" -l unencrypted-suffix -d 'Leave values in clear below keys that end so (the default: _unencrypted)' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand edit" -l encrypted-suffix -d 'Encrypt only values below keys that end so' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand edit" -l unencrypted-regex -d 'Leave values in clear below keys that match' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand edit" -l encrypted-regex -d 'Encrypt only values below keys that match' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand edit" -l unencrypted-comment-regex -d 'Leave values in clear whose comment matches' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand edit" -l encrypted-comment-regex -d 'Encrypt only values whose comment matches' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand edit" -l enable-local-keyservice -d 'Use the keys of this machine (the default) [variable: SOPS_ENABLE_LOCAL_KEYSERVICE]' -r -f -a "true\t''
false\t''"
complete -c leafseal -n "__fish_leafseal_using_subcommand edit" -l keyservice -d 'Ask this key service too, such as tcp://HOST:PORT; repeatable [variable: SOPS_KEYSERVICE]' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand edit" -l aws-profile -d 'Use this AWS profile (AWS keys are not built in yet)' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand edit" -s p -l pgp -d 'Encrypt for these OpenPGP fingerprints [variable: SOPS_PGP_FP]' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand edit" -s k -l kms -d 'Encrypt for these AWS KMS key ARNs [variable: SOPS_KMS_ARN]' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand edit" -l gcp-kms -d 'Encrypt for these GCP KMS resource ids [variable: SOPS_GCP_KMS_IDS]' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand edit" -l hckms -d 'Encrypt for these Huawei Cloud KMS keys, region:uuid [variable: SOPS_HUAWEICLOUD_KMS_IDS]' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand edit" -l azure-kv -d 'Encrypt for these Azure Key Vault key URLs [variable: SOPS_AZURE_KEYVAULT_URLS]' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand edit" -l hc-vault-transit -d 'Encrypt for these Vault transit key URIs [variable: SOPS_VAULT_URIS]' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand edit" -l encryption-context -d 'Bind AWS KMS keys to these key:value pairs, separated by commas' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand edit" -l config -d 'Use this config file instead of searching for .sops.yaml [variable: SOPS_CONFIG]' -r -F
complete -c leafseal -n "__fish_leafseal_using_subcommand edit" -s s -l show-master-keys -d 'Show the metadata below the values, to change keys and selector there'
complete -c leafseal -n "__fish_leafseal_using_subcommand edit" -l ignore-mac -d 'Go on although the MAC does not match: the values may have been tampered with'
complete -c leafseal -n "__fish_leafseal_using_subcommand edit" -l lenient -d 'Accept malformed envelopes that the reference accepts'
complete -c leafseal -n "__fish_leafseal_using_subcommand edit" -l mac-only-encrypted -d 'Compute the MAC only over values that end up encrypted'
complete -c leafseal -n "__fish_leafseal_using_subcommand edit" -l no-layout -d 'Do not record how values were spelled (1.10, 0644, folded lines, aliases)'
complete -c leafseal -n "__fish_leafseal_using_subcommand edit" -l verbose -d 'Say on standard error what is done'
complete -c leafseal -n "__fish_leafseal_using_subcommand edit" -l disable-version-check -d 'Accepted for compatibility: --version asks no server [variable: SOPS_DISABLE_VERSION_CHECK]'
complete -c leafseal -n "__fish_leafseal_using_subcommand edit" -l check-for-updates -d 'Accepted for compatibility: --version asks no server'
complete -c leafseal -n "__fish_leafseal_using_subcommand edit" -s v -l version -d 'Print the version'
complete -c leafseal -n "__fish_leafseal_using_subcommand edit" -s h -l help -d 'Print this help'
complete -c leafseal -n "__fish_leafseal_using_subcommand set" -l input-type -d 'Read this format (yaml, json, dotenv, ini, binary) whatever the file is called' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand set" -l output-type -d 'Write this format instead of the one of the input' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand set" -l shamir-secret-sharing-threshold -d 'Accepted for compatibility; without effect' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand set" -l decryption-order -d 'Try key types in this order, separated by commas [variable: SOPS_DECRYPTION_ORDER]' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand set" -l enable-local-keyservice -d 'Use the keys of this machine (the default) [variable: SOPS_ENABLE_LOCAL_KEYSERVICE]' -r -f -a "true\t''
false\t''"
complete -c leafseal -n "__fish_leafseal_using_subcommand set" -l keyservice -d 'Ask this key service too, such as tcp://HOST:PORT; repeatable [variable: SOPS_KEYSERVICE]' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand set" -l aws-profile -d 'Use this AWS profile (AWS keys are not built in yet)' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand set" -l config -d 'Use this config file instead of searching for .sops.yaml [variable: SOPS_CONFIG]' -r -F
complete -c leafseal -n "__fish_leafseal_using_subcommand set" -l value-file -d 'Read the value from the file that the third word names'
complete -c leafseal -n "__fish_leafseal_using_subcommand set" -l value-stdin -d 'Read the value from standard input'
complete -c leafseal -n "__fish_leafseal_using_subcommand set" -l idempotent -d 'Leave the file alone, and succeed, if nothing would change'
complete -c leafseal -n "__fish_leafseal_using_subcommand set" -l ignore-mac -d 'Go on although the MAC does not match: the values may have been tampered with'
complete -c leafseal -n "__fish_leafseal_using_subcommand set" -l lenient -d 'Accept malformed envelopes that the reference accepts'
complete -c leafseal -n "__fish_leafseal_using_subcommand set" -l verbose -d 'Say on standard error what is done'
complete -c leafseal -n "__fish_leafseal_using_subcommand set" -l disable-version-check -d 'Accepted for compatibility: --version asks no server [variable: SOPS_DISABLE_VERSION_CHECK]'
complete -c leafseal -n "__fish_leafseal_using_subcommand set" -l check-for-updates -d 'Accepted for compatibility: --version asks no server'
complete -c leafseal -n "__fish_leafseal_using_subcommand set" -s v -l version -d 'Print the version'
complete -c leafseal -n "__fish_leafseal_using_subcommand set" -s h -l help -d 'Print this help'
complete -c leafseal -n "__fish_leafseal_using_subcommand unset" -l input-type -d 'Read this format (yaml, json, dotenv, ini, binary) whatever the file is called' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand unset" -l output-type -d 'Write this format instead of the one of the input' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand unset" -l shamir-secret-sharing-threshold -d 'Accepted for compatibility; without effect' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand unset" -l decryption-order -d 'Try key types in this order, separated by commas [variable: SOPS_DECRYPTION_ORDER]' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand unset" -l enable-local-keyservice -d 'Use the keys of this machine (the default) [variable: SOPS_ENABLE_LOCAL_KEYSERVICE]' -r -f -a "true\t''
false\t''"
complete -c leafseal -n "__fish_leafseal_using_subcommand unset" -l keyservice -d 'Ask this key service too, such as tcp://HOST:PORT; repeatable [variable: SOPS_KEYSERVICE]' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand unset" -l aws-profile -d 'Use this AWS profile (AWS keys are not built in yet)' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand unset" -l config -d 'Use this config file instead of searching for .sops.yaml [variable: SOPS_CONFIG]' -r -F
complete -c leafseal -n "__fish_leafseal_using_subcommand unset" -l idempotent -d 'Leave the file alone, and succeed, if nothing would change'
complete -c leafseal -n "__fish_leafseal_using_subcommand unset" -l ignore-mac -d 'Go on although the MAC does not match: the values may have been tampered with'
complete -c leafseal -n "__fish_leafseal_using_subcommand unset" -l lenient -d 'Accept malformed envelopes that the reference accepts'
complete -c leafseal -n "__fish_leafseal_using_subcommand unset" -l verbose -d 'Say on standard error what is done'
complete -c leafseal -n "__fish_leafseal_using_subcommand unset" -l disable-version-check -d 'Accepted for compatibility: --version asks no server [variable: SOPS_DISABLE_VERSION_CHECK]'
complete -c leafseal -n "__fish_leafseal_using_subcommand unset" -l check-for-updates -d 'Accepted for compatibility: --version asks no server'
complete -c leafseal -n "__fish_leafseal_using_subcommand unset" -s v -l version -d 'Print the version'
complete -c leafseal -n "__fish_leafseal_using_subcommand unset" -s h -l help -d 'Print this help'
complete -c leafseal -n "__fish_leafseal_using_subcommand updatekeys" -l shamir-secret-sharing-threshold -d 'Ask for this many key groups to decrypt (0: take it from the creation rule)' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand updatekeys" -l input-type -d 'Read this format (yaml, json, dotenv, ini, binary) whatever the files are called' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand updatekeys" -l enable-local-keyservice -d 'Use the keys of this machine (the default) [variable: SOPS_ENABLE_LOCAL_KEYSERVICE]' -r -f -a "true\t''
false\t''"
complete -c leafseal -n "__fish_leafseal_using_subcommand updatekeys" -l keyservice -d 'Ask this key service too, such as tcp://HOST:PORT; repeatable [variable: SOPS_KEYSERVICE]' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand updatekeys" -l config -d 'Use this config file instead of searching for .sops.yaml [variable: SOPS_CONFIG]' -r -F
complete -c leafseal -n "__fish_leafseal_using_subcommand updatekeys" -s y -l yes -d 'Change the files without asking'
complete -c leafseal -n "__fish_leafseal_using_subcommand updatekeys" -l json -d 'Print one JSON array with an object for each file; without --yes nothing is changed'
complete -c leafseal -n "__fish_leafseal_using_subcommand updatekeys" -l verbose -d 'Say on standard error what is done'
complete -c leafseal -n "__fish_leafseal_using_subcommand updatekeys" -l disable-version-check -d 'Accepted for compatibility: --version asks no server [variable: SOPS_DISABLE_VERSION_CHECK]'
complete -c leafseal -n "__fish_leafseal_using_subcommand updatekeys" -l check-for-updates -d 'Accepted for compatibility: --version asks no server'
complete -c leafseal -n "__fish_leafseal_using_subcommand updatekeys" -s v -l version -d 'Print the version'
complete -c leafseal -n "__fish_leafseal_using_subcommand updatekeys" -s h -l help -d 'Print this help'
complete -c leafseal -n "__fish_leafseal_using_subcommand groups" -s f -l file -d 'Change this file' -r -F
complete -c leafseal -n "__fish_leafseal_using_subcommand groups" -l shamir-secret-sharing-threshold -d 'Ask for this many key groups to decrypt (0: leave it)' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand groups" -l age -d 'age recipient' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand groups" -l pgp -d 'OpenPGP fingerprint' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand groups" -l kms -d 'AWS KMS key ARN' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand groups" -l gcp-kms -d 'GCP KMS resource id' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand groups" -l hckms -d 'Huawei Cloud KMS key, region:uuid' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand groups" -l azure-kv -d 'Azure Key Vault key URL' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand groups" -l hc-vault-transit -d 'Vault transit key URI' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand groups" -l input-type -d 'Read this format (yaml, json, dotenv, ini, binary) whatever the file is called' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand groups" -l enable-local-keyservice -d 'Use the keys of this machine (the default) [variable: SOPS_ENABLE_LOCAL_KEYSERVICE]' -r -f -a "true\t''
false\t''"
complete -c leafseal -n "__fish_leafseal_using_subcommand groups" -l keyservice -d 'Ask this key service too, such as tcp://HOST:PORT; repeatable [variable: SOPS_KEYSERVICE]' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand groups" -l aws-profile -d 'Use this AWS profile (AWS keys are not built in yet)' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand groups" -l encryption-context -d 'Bind AWS KMS keys to these key:value pairs (AWS keys are not built in yet)' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand groups" -l config -d 'Use this config file instead of searching for .sops.yaml [variable: SOPS_CONFIG]' -r -F
complete -c leafseal -n "__fish_leafseal_using_subcommand groups" -s i -l in-place -d 'Write the result back to the file'
complete -c leafseal -n "__fish_leafseal_using_subcommand groups" -l verbose -d 'Say on standard error what is done'
complete -c leafseal -n "__fish_leafseal_using_subcommand groups" -l disable-version-check -d 'Accepted for compatibility: --version asks no server [variable: SOPS_DISABLE_VERSION_CHECK]'
complete -c leafseal -n "__fish_leafseal_using_subcommand groups" -l check-for-updates -d 'Accepted for compatibility: --version asks no server'
complete -c leafseal -n "__fish_leafseal_using_subcommand groups" -s v -l version -d 'Print the version'
complete -c leafseal -n "__fish_leafseal_using_subcommand groups" -s h -l help -d 'Print this help'
complete -c leafseal -n "__fish_leafseal_using_subcommand exec-env" -l flatten -d 'Take values at any depth, their keys joined by this text' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand exec-env" -l allow-variable -d 'Set these variables although programs run other code by them (PATH, LD_PRELOAD, …); a list separated by commas, repeatable' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand exec-env" -l user -d 'Run it as this user, with its groups and home' -r -f -a "(__fish_complete_users)"
complete -c leafseal -n "__fish_leafseal_using_subcommand exec-env" -l input-type -d 'Read this format (yaml, json, dotenv, ini, binary) whatever the files are called' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand exec-env" -l decryption-order -d 'Try key types in this order, separated by commas [variable: SOPS_DECRYPTION_ORDER]' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand exec-env" -l enable-local-keyservice -d 'Use the keys of this machine (the default) [variable: SOPS_ENABLE_LOCAL_KEYSERVICE]' -r -f -a "true\t''
false\t''"
complete -c leafseal -n "__fish_leafseal_using_subcommand exec-env" -l keyservice -d 'Ask this key service too, such as tcp://HOST:PORT; repeatable [variable: SOPS_KEYSERVICE]' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand exec-env" -l aws-profile -d 'Use this AWS profile (AWS keys are not built in yet)' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand exec-env" -l config -d 'Use this config file instead of searching for .sops.yaml [variable: SOPS_CONFIG]' -r -F
complete -c leafseal -n "__fish_leafseal_using_subcommand exec-env" -l pristine -d 'Start from an empty environment'
complete -c leafseal -n "__fish_leafseal_using_subcommand exec-env" -l same-process -d 'Put the command in the place of this process instead of waiting for it'
complete -c leafseal -n "__fish_leafseal_using_subcommand exec-env" -l background -d 'Start it and do not wait for it (deprecated)'
complete -c leafseal -n "__fish_leafseal_using_subcommand exec-env" -l ignore-mac -d 'Go on although the MAC does not match: the values may have been tampered with'
complete -c leafseal -n "__fish_leafseal_using_subcommand exec-env" -l lenient -d 'Accept malformed envelopes that the reference accepts'
complete -c leafseal -n "__fish_leafseal_using_subcommand exec-env" -l verbose -d 'Say on standard error what is done'
complete -c leafseal -n "__fish_leafseal_using_subcommand exec-env" -l disable-version-check -d 'Accepted for compatibility: --version asks no server [variable: SOPS_DISABLE_VERSION_CHECK]'
complete -c leafseal -n "__fish_leafseal_using_subcommand exec-env" -l check-for-updates -d 'Accepted for compatibility: --version asks no server'
complete -c leafseal -n "__fish_leafseal_using_subcommand exec-env" -s v -l version -d 'Print the version'
complete -c leafseal -n "__fish_leafseal_using_subcommand exec-env" -s h -l help -d 'Print this help'
complete -c leafseal -n "__fish_leafseal_using_subcommand exec-file" -l filename -d 'Call the file so, for commands that look at its name' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand exec-file" -l user -d 'Run it as this user, with its groups and home' -r -f -a "(__fish_complete_users)"
complete -c leafseal -n "__fish_leafseal_using_subcommand exec-file" -l input-type -d 'Read this format (yaml, json, dotenv, ini, binary) whatever the file is called' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand exec-file" -l output-type -d 'Hand over this format instead of the one of the input' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand exec-file" -l decryption-order -d 'Try key types in this order, separated by commas [variable: SOPS_DECRYPTION_ORDER]' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand exec-file" -l enable-local-keyservice -d 'Use the keys of this machine (the default) [variable: SOPS_ENABLE_LOCAL_KEYSERVICE]' -r -f -a "true\t''
false\t''"
complete -c leafseal -n "__fish_leafseal_using_subcommand exec-file" -l keyservice -d 'Ask this key service too, such as tcp://HOST:PORT; repeatable [variable: SOPS_KEYSERVICE]' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand exec-file" -l aws-profile -d 'Use this AWS profile (AWS keys are not built in yet)' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand exec-file" -l config -d 'Use this config file instead of searching for .sops.yaml [variable: SOPS_CONFIG]' -r -F
complete -c leafseal -n "__fish_leafseal_using_subcommand exec-file" -l no-fifo -d 'Write a file instead of a FIFO, for commands that read it twice or seek'
complete -c leafseal -n "__fish_leafseal_using_subcommand exec-file" -l background -d 'Start it and do not wait for it (deprecated)'
complete -c leafseal -n "__fish_leafseal_using_subcommand exec-file" -l ignore-mac -d 'Go on although the MAC does not match: the values may have been tampered with'
complete -c leafseal -n "__fish_leafseal_using_subcommand exec-file" -l lenient -d 'Accept malformed envelopes that the reference accepts'
complete -c leafseal -n "__fish_leafseal_using_subcommand exec-file" -l verbose -d 'Say on standard error what is done'
complete -c leafseal -n "__fish_leafseal_using_subcommand exec-file" -l disable-version-check -d 'Accepted for compatibility: --version asks no server [variable: SOPS_DISABLE_VERSION_CHECK]'
complete -c leafseal -n "__fish_leafseal_using_subcommand exec-file" -l check-for-updates -d 'Accepted for compatibility: --version asks no server'
complete -c leafseal -n "__fish_leafseal_using_subcommand exec-file" -s v -l version -d 'Print the version'
complete -c leafseal -n "__fish_leafseal_using_subcommand exec-file" -s h -l help -d 'Print this help'
complete -c leafseal -n "__fish_leafseal_using_subcommand filestatus" -l input-type -d 'Read this format (yaml, json, dotenv, ini, binary) whatever the file is called' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand filestatus" -l config -d 'Use this config file instead of searching for .sops.yaml [variable: SOPS_CONFIG]' -r -F
complete -c leafseal -n "__fish_leafseal_using_subcommand filestatus" -l json -d 'Print an error as JSON, too'
complete -c leafseal -n "__fish_leafseal_using_subcommand filestatus" -l verbose -d 'Say on standard error what is done'
complete -c leafseal -n "__fish_leafseal_using_subcommand filestatus" -l disable-version-check -d 'Accepted for compatibility: --version asks no server [variable: SOPS_DISABLE_VERSION_CHECK]'
complete -c leafseal -n "__fish_leafseal_using_subcommand filestatus" -l check-for-updates -d 'Accepted for compatibility: --version asks no server'
complete -c leafseal -n "__fish_leafseal_using_subcommand filestatus" -s v -l version -d 'Print the version'
complete -c leafseal -n "__fish_leafseal_using_subcommand filestatus" -s h -l help -d 'Print this help'
complete -c leafseal -n "__fish_leafseal_using_subcommand config" -l input-type -d 'Take the files for this format (yaml, json, dotenv, ini, binary) whatever they are called' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand config" -l config -d 'Use this config file instead of searching for .sops.yaml [variable: SOPS_CONFIG]' -r -F
complete -c leafseal -n "__fish_leafseal_using_subcommand config" -l json -d 'Print one JSON array with an object for each file'
complete -c leafseal -n "__fish_leafseal_using_subcommand config" -l verbose -d 'Say on standard error what is done'
complete -c leafseal -n "__fish_leafseal_using_subcommand config" -l disable-version-check -d 'Accepted for compatibility: --version asks no server [variable: SOPS_DISABLE_VERSION_CHECK]'
complete -c leafseal -n "__fish_leafseal_using_subcommand config" -l check-for-updates -d 'Accepted for compatibility: --version asks no server'
complete -c leafseal -n "__fish_leafseal_using_subcommand config" -s v -l version -d 'Print the version'
complete -c leafseal -n "__fish_leafseal_using_subcommand config" -s h -l help -d 'Print this help'
complete -c leafseal -n "__fish_leafseal_using_subcommand audit" -l action -d 'Only these actions (encrypt, decrypt, rotate); a list separated by commas, repeatable' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand audit" -l user -d 'Only those of this user' -r -f -a "(__fish_complete_users)"
complete -c leafseal -n "__fish_leafseal_using_subcommand audit" -l file -d 'Only those of this file, or of the files below this folder' -r -F
complete -c leafseal -n "__fish_leafseal_using_subcommand audit" -l since -d 'Only those from this time on: 2026-11-28, or 2026-11-28T08:00; in UTC' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand audit" -l until -d 'Only those up to this time' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand audit" -l last -d 'Only the last ones of these' -r
complete -c leafseal -n "__fish_leafseal_using_subcommand audit" -l config -d 'Use this config file instead of searching for .sops.yaml [variable: SOPS_CONFIG]' -r -F
complete -c leafseal -n "__fish_leafseal_using_subcommand audit" -l json -d 'Print one JSON array with an object for each event'
complete -c leafseal -n "__fish_leafseal_using_subcommand audit" -l verbose -d 'Say on standard error what is done'
complete -c leafseal -n "__fish_leafseal_using_subcommand audit" -l disable-version-check -d 'Accepted for compatibility: --version asks no server [variable: SOPS_DISABLE_VERSION_CHECK]'
complete -c leafseal -n "__fish_leafseal_using_subcommand audit" -l check-for-updates -d 'Accepted for compatibility: --version asks no server'
complete -c leafseal -n "__fish_leafseal_using_subcommand audit" -s v -l version -d 'Print the version'
complete -c leafseal -n "__fish_leafseal_using_subcommand audit" -s h -l help -d 'Print this help'
complete -c leafseal -n "__fish_leafseal_using_subcommand init" -l config -d 'Use this config file instead of searching for .sops.yaml [variable: SOPS_CONFIG]' -r -F
complete -c leafseal -n "__fish_leafseal_using_subcommand init" -l verbose -d 'Say on standard error what is done'
complete -c leafseal -n "__fish_leafseal_using_subcommand init" -l disable-version-check -d 'Accepted for compatibility: --version asks no server [variable: SOPS_DISABLE_VERSION_CHECK]'
complete -c leafseal -n "__fish_leafseal_using_subcommand init" -l check-for-updates -d 'Accepted for compatibility: --version asks no server'
complete -c leafseal -n "__fish_leafseal_using_subcommand init" -s v -l version -d 'Print the version'
complete -c leafseal -n "__fish_leafseal_using_subcommand init" -s h -l help -d 'Print this help'
complete -c leafseal -n "__fish_leafseal_using_subcommand doctor" -l config -d 'Use this config file instead of searching for .sops.yaml [variable: SOPS_CONFIG]' -r -F
complete -c leafseal -n "__fish_leafseal_using_subcommand doctor" -l json -d 'Print one JSON object'
complete -c leafseal -n "__fish_leafseal_using_subcommand doctor" -l verbose -d 'Say on standard error what is done'
complete -c leafseal -n "__fish_leafseal_using_subcommand doctor" -l disable-version-check -d 'Accepted for compatibility: --version asks no server [variable: SOPS_DISABLE_VERSION_CHECK]'
complete -c leafseal -n "__fish_leafseal_using_subcommand doctor" -l check-for-updates -d 'Accepted for compatibility: --version asks no server'
complete -c leafseal -n "__fish_leafseal_using_subcommand doctor" -s v -l version -d 'Print the version'
complete -c leafseal -n "__fish_leafseal_using_subcommand doctor" -s h -l help -d 'Print this help'
complete -c leafseal -n "__fish_leafseal_using_subcommand completion" -l config -d 'Use this config file instead of searching for .sops.yaml [variable: SOPS_CONFIG]' -r -F
complete -c leafseal -n "__fish_leafseal_using_subcommand completion" -l verbose -d 'Say on standard error what is done'
complete -c leafseal -n "__fish_leafseal_using_subcommand completion" -l disable-version-check -d 'Accepted for compatibility: --version asks no server [variable: SOPS_DISABLE_VERSION_CHECK]'
complete -c leafseal -n "__fish_leafseal_using_subcommand completion" -l check-for-updates -d 'Accepted for compatibility: --version asks no server'
complete -c leafseal -n "__fish_leafseal_using_subcommand completion" -s v -l version -d 'Print the version'
complete -c leafseal -n "__fish_leafseal_using_subcommand completion" -s h -l help -d 'Print this help'
complete -c leafseal -n "__fish_leafseal_using_subcommand man" -l config -d 'Use this config file instead of searching for .sops.yaml [variable: SOPS_CONFIG]' -r -F
complete -c leafseal -n "__fish_leafseal_using_subcommand man" -l verbose -d 'Say on standard error what is done'
complete -c leafseal -n "__fish_leafseal_using_subcommand man" -l disable-version-check -d 'Accepted for compatibility: --version asks no server [variable: SOPS_DISABLE_VERSION_CHECK]'
complete -c leafseal -n "__fish_leafseal_using_subcommand man" -l check-for-updates -d 'Accepted for compatibility: --version asks no server'
complete -c leafseal -n "__fish_leafseal_using_subcommand man" -s v -l version -d 'Print the version'
complete -c leafseal -n "__fish_leafseal_using_subcommand man" -s h -l help -d 'Print this help'
complete -c leafseal -n "__fish_leafseal_using_subcommand help" -l config -d 'Use this config file instead of searching for .sops.yaml [variable: SOPS_CONFIG]' -r -F
complete -c leafseal -n "__fish_leafseal_using_subcommand help" -l verbose -d 'Say on standard error what is done'
complete -c leafseal -n "__fish_leafseal_using_subcommand help" -l disable-version-check -d 'Accepted for compatibility: --version asks no server [variable: SOPS_DISABLE_VERSION_CHECK]'
complete -c leafseal -n "__fish_leafseal_using_subcommand help" -l check-for-updates -d 'Accepted for compatibility: --version asks no server'
complete -c leafseal -n "__fish_leafseal_using_subcommand help" -s v -l version -d 'Print the version'
complete -c leafseal -n "__fish_leafseal_using_subcommand help" -s h -l help -d 'Print this help'
