// Reads a log as C2SP tlog-tiles lays it out and checks it by the texts of C2SP and RFC 6962 alone.
//
// in:  {"checkpoint": note, "entries": [[path, base64]], "tiles": [[path, base64]], "keys": {name: {type, key base64}}}
// out: {"origin", "size", "root": base64 computed from the entries, "signed_root": base64, "signed": [names],
//       "leaves_of_tiles_match": bool}
import { createHash, createPublicKey, verify } from "node:crypto";

const request = JSON.parse(await new Response(process.stdin).text().catch(async () => {
  let text = ""; for await (const chunk of process.stdin) text += chunk; return text;
}));
const sha = (...parts) => { const h = createHash("sha256"); for (const p of parts) h.update(p); return h.digest(); };
const leaf = (data) => sha(Buffer.of(0), data);

function mth(hashes) { // RFC 6962, 2.1
  if (hashes.length === 0) return sha();
  if (hashes.length === 1) return hashes[0];
  let k = 1; while (k * 2 < hashes.length) k *= 2;
  return sha(Buffer.of(1), mth(hashes.slice(0, k)), mth(hashes.slice(k)));
}

function entriesOf(bundle) {
  const found = [];
  for (let at = 0; at < bundle.length;) {
    const length = bundle.readUInt16BE(at);
    found.push(bundle.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return found;
}

const note = request.checkpoint;
const cut = note.lastIndexOf("\n\n");
const text = note.slice(0, cut + 1);
const [origin, size, root] = text.split("\n");
const signed = [];
for (const line of note.slice(cut + 2).trimEnd().split("\n")) {
  const [, name, encoded] = /^— (\S+) (\S+)$/.exec(line);
  const raw = Buffer.from(encoded, "base64");
  for (const known of request.keys.filter((one) => one.name === name)) {
    const key = Buffer.from(known.key, "base64"); // type byte, then the public key
    if (!raw.subarray(0, 4).equals(sha(Buffer.from(name + "\n"), key).subarray(0, 4))) continue;
    const der = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), key.subarray(1)]);
    const publicKey = createPublicKey({ key: der, format: "der", type: "spki" });
    let message = Buffer.from(text), signature = raw.subarray(4);
    if (key[0] === 4) { // tlog-cosignature: a time of 8 bytes, then the signature
      message = Buffer.from(`cosignature/v1\ntime ${signature.readBigUInt64BE(0)}\n${text}`);
      signature = signature.subarray(8);
    }
    if (verify(null, message, publicKey, signature)) signed.push(name);
  }
}
const hashes = request.entries.flatMap(([, data]) => entriesOf(Buffer.from(data, "base64"))).map(leaf);
const tiles = Buffer.concat(request.tiles.map(([, data]) => Buffer.from(data, "base64")));
process.stdout.write(JSON.stringify({
  origin, size: Number(size), signed_root: root, root: mth(hashes).toString("base64"), signed,
  leaves_of_tiles_match: tiles.equals(Buffer.concat(hashes)),
}));
