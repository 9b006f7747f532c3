#!/bin/sh
# An age plugin for tests. It wraps a file key as it is; its name says how else it behaves.
name=${0##*age-plugin-}

answer() { # reads the answer to a command; prints its first line's words
    read -r arrow words
    read -r body
    printf '%s' "$words"
}

case $name in
hangs) exec sleep 20 ;;
dies) exit 1 ;;
esac

key=
while read -r arrow command first second rest; do
    [ "$arrow" = '->' ] || continue
    read -r body
    case $command in
    done) break ;;
    wrap-file-key) key=$body ;;
    recipient-stanza) [ "$second" = test ] && key=$body ;;
    esac
done

if [ "$name" = babbles ]; then
    echo 'Hello!'
    exit 0
fi

fail() {
    printf -- '-> error %s\n%s\n' "$1" "$(printf '%s' "$2" | base64 | tr -d '=')"
    answer >/dev/null
    printf -- '-> done\n\n'
    exit 0
}

question() { # command, text, arguments: asks the user, or fails
    printf -- '-> %s\n%s\n' "$1" "$(printf '%s' "$2" | base64 | tr -d '=')"
    case $(answer) in
    ok*) ;;
    *) fail internal 'nobody answers' ;;
    esac
}

if [ "$1" = --age-plugin=recipient-v1 ]; then
    [ "$name" = refuses ] && fail 'recipient 0' 'no such slot'
    printf -- '-> recipient-stanza 0 test\n%s\n' "$key"
    answer >/dev/null
    printf -- '-> done\n\n'
    exit 0
fi

[ "$name" = refuses ] && fail 'identity 0' 'the token is locked'
if [ "$name" = asks ]; then
    question msg 'put the token in'
    question request-secret 'PIN'
    question "confirm $(printf yes | base64 | tr -d '=') $(printf no | base64 | tr -d '=')" 'use it?'
    question request-public 'name'
fi
if [ -n "$key" ]; then
    printf -- '-> file-key 0\n%s\n' "$key"
    answer >/dev/null
fi
printf -- '-> done\n\n'
