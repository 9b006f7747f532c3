// Decrypts files with sops-age, and prints their values as JSON.
import { createRequire } from "node:module";

const [folder, ...paths] = process.argv.slice(2);
const { decryptSops } = createRequire(`${folder}/`)("sops-age");
const values = {};
for (const path of paths) {
  values[path] = await decryptSops({ path });
}
console.log(JSON.stringify(values, null, 2));
