// Reads a log as C2SP tlog-tiles lays it out and checks it by the texts of C2SP and RFC 6962 alone.
//
// in:  {"checkpoint": note, "entries": [[path, base64]], "tiles": [[path, base64]], "keys": [{name, key base64}],
//       "inclusion": [[index, [base64]]], "consistency": [[old size, [base64]]]}
// out: {"origin", "size", "root": base64 computed from the entries, "signed_root": base64, "signed": [[name, type]],
//       "leaves_of_tiles_match": bool, "included": [bool], "consistent": [bool]}
//
// A proof is judged against the signed root, the leaf against the entry, and an old root is computed from the entries.
// ML-DSA-44 is that of @noble/post-quantum; SHA-256 and Ed25519 are Node's.
import { createHash, createPublicKey, verify } from "node:crypto";

import { ml_dsa44 } from "@noble/post-quantum/ml-dsa.js";

const request = JSON.parse(await new Response(process.stdin).text().catch(async () => {
  let text = ""; for await (const chunk of process.stdin) text += chunk; return text;
}));
const sha = (...parts) => { const h = createHash("sha256"); for (const p of parts) h.update(p); return h.digest(); };
const leaf = (data) => sha(Buffer.of(0), data);
const node = (left, right) => sha(Buffer.of(1), left, right);

function mth(hashes) { // RFC 6962, 2.1
  if (hashes.length === 0) return sha();
  if (hashes.length === 1) return hashes[0];
  let k = 1; while (k * 2 < hashes.length) k *= 2;
  return node(mth(hashes.slice(0, k)), mth(hashes.slice(k)));
}

function isIncluded(hash, index, size, path, root) { // RFC 9162, 2.1.3.2
  if (index >= size) return false;
  let fn = index, sn = size - 1, r = hash;
  for (const p of path) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      r = node(p, r);
      while (fn % 2 === 0 && fn !== 0) { fn >>= 1; sn >>= 1; }
    } else r = node(r, p);
    fn >>= 1; sn >>= 1;
  }
  return sn === 0 && r.equals(root);
}

function isConsistent(first, firstRoot, second, secondRoot, path) { // RFC 9162, 2.1.4.2
  if (first === second) return path.length === 0 && firstRoot.equals(secondRoot);
  if (first < 1 || first > second || path.length === 0) return false;
  const [seed, ...rest] = (first & (first - 1)) === 0 ? [firstRoot, ...path] : path;
  let fn = first - 1, sn = second - 1, fr = seed, sr = seed;
  while (fn % 2 === 1) { fn >>= 1; sn >>= 1; }
  for (const c of rest) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      fr = node(c, fr); sr = node(c, sr);
      while (fn % 2 === 0 && fn !== 0) { fn >>= 1; sn >>= 1; }
    } else sr = node(sr, c);
    fn >>= 1; sn >>= 1;
  }
  return sn === 0 && fr.equals(firstRoot) && sr.equals(secondRoot);
}

const short = (...parts) => Buffer.concat(parts.flatMap((part) => [Buffer.of(part.length), part]));
function number(value) { const out = Buffer.alloc(8); out.writeBigUInt64BE(BigInt(value)); return out; }

function isCosignedForLong(name, key, text, signature) { // tlog-cosignature, ML-DSA-44
  const [origin, size, root] = text.split("\n");
  const message = Buffer.concat([
    Buffer.from("subtree/v1\n\0"), short(Buffer.from(name)), signature.subarray(0, 8),
    short(Buffer.from(origin)), number(0), number(size), Buffer.from(root, "base64"),
  ]);
  return ml_dsa44.verify(signature.subarray(8), message, key);
}

function isSigned(name, key, text, signature) {
  if (key[0] === 6) return isCosignedForLong(name, key.subarray(1), text, signature);
  const der = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), key.subarray(1)]);
  const publicKey = createPublicKey({ key: der, format: "der", type: "spki" });
  if (key[0] === 1) return verify(null, Buffer.from(text), publicKey, signature);
  // tlog-cosignature: a time of 8 bytes, then the signature
  const message = Buffer.from(`cosignature/v1\ntime ${signature.readBigUInt64BE(0)}\n${text}`);
  return verify(null, message, publicKey, signature.subarray(8));
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
    if (isSigned(name, key, text, raw.subarray(4))) signed.push([name, key[0]]);
  }
}
const hashes = request.entries.flatMap(([, data]) => entriesOf(Buffer.from(data, "base64"))).map(leaf);
const tiles = Buffer.concat(request.tiles.map(([, data]) => Buffer.from(data, "base64")));
const signedRoot = Buffer.from(root, "base64");
const whole = Number(size);
const decoded = (path) => path.map((one) => Buffer.from(one, "base64"));
const included = request.inclusion.map(([index, path]) =>
  isIncluded(hashes[index], index, whole, decoded(path), signedRoot));
const consistent = request.consistency.map(([old, path]) =>
  isConsistent(old, mth(hashes.slice(0, old)), whole, signedRoot, decoded(path)));
process.stdout.write(JSON.stringify({
  origin, size: whole, included, consistent, signed_root: root, root: mth(hashes).toString("base64"), signed,
  leaves_of_tiles_match: tiles.equals(Buffer.concat(hashes)),
}));
