// Seals and opens slots with software that is not ours, written from the protocol's prose alone.
//
// stdin:  {"seal": [{desk_key, from, to, not_after, statement_digest, plaintexts: [...]}, ...],
//          "open": [{seed, slot, body, from, to}, ...],
//          "wrap": [{storage_key, member, desk, epoch_id, subject, statement_digest,
//                    keys: [[index, key, offset, length], ...]}, ...]}
// stdout: {"seal": [{slot, body}, ...],
//          "open": [{public_key, statement_digest, plaintexts: {index: ...}}, ...],
//          "wrap": [{sealed_epoch, wrap}, ...]}
// Bytes are base64url without padding; each slot is entitled to all compartments of its body.
//
// HPKE (X-Wing, HKDF-SHA256, AES-256-GCM) is that of @hpke/core and @hpke/hybridkem-x-wing;
// HMAC, AES-GCM, SHA-256 and deflate are Node's.
import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes } from "node:crypto";
import { text } from "node:stream/consumers";
import { deflateRawSync, inflateRawSync } from "node:zlib";

import { Aes256Gcm, CipherSuite, HkdfSha256 } from "@hpke/core";
import { XWing } from "@hpke/hybridkem-x-wing";

const SUITE = "tp1-xwing-sha256-aes256gcm";
const ENC = 1120;
const hpke = new CipherSuite({ kem: new XWing(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });

const bytes = (encoded) => Buffer.from(encoded, "base64url");
const shown = (data) => Buffer.from(data).toString("base64url");
const view = (data) => new Uint8Array(data).buffer;
const sha256 = (data) => createHash("sha256").update(data).digest();

function number(value, length) {
  const out = Buffer.alloc(length);
  out.writeBigUInt64BE(BigInt(value), length - 8);
  return out;
}
const lp = (...parts) => Buffer.concat(parts.flatMap((part) => {
  const data = Buffer.from(part);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  return [length, data];
}));
const expand = (secret, info) => createHmac("sha256", secret).update(info).update(Buffer.from([1])).digest();

function encrypt(key, plaintext, aad) {
  const cipher = createCipheriv("aes-256-gcm", key, Buffer.alloc(12)).setAAD(aad);
  return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}
function decrypt(key, sealed, aad) {
  const cipher = createDecipheriv("aes-256-gcm", key, Buffer.alloc(12)).setAAD(aad);
  cipher.setAuthTag(sealed.subarray(sealed.length - 16));
  return Buffer.concat([cipher.update(sealed.subarray(0, sealed.length - 16)), cipher.final()]);
}

async function sealToKey(raw, info, plaintext) {
  const recipientPublicKey = await hpke.kem.deserializePublicKey(view(raw));
  const sender = await hpke.createSenderContext({ recipientPublicKey, info: view(info) });
  return Buffer.concat([Buffer.from(sender.enc), Buffer.from(await sender.seal(view(plaintext)))]);
}
async function openWithKey(recipientKey, info, sealed) {
  const enc = view(sealed.subarray(0, ENC));
  const recipient = await hpke.createRecipientContext({ recipientKey, enc, info: view(info) });
  return Buffer.from(await recipient.open(view(sealed.subarray(ENC))));
}

// --- the few lines of protobuf that a SlotContent needs -------------------------------------------

function varint(value) {
  const out = [];
  for (; value > 127; value = Math.floor(value / 128)) out.push((value % 128) | 128);
  return Buffer.from([...out, value]);
}
const tagged = (field, data) => Buffer.concat([varint(field * 8 + 2), varint(data.length), data]);
const counted = (field, value) => Buffer.concat([varint(field * 8), varint(value)]);

function writeContent(digest, keys) {
  const compartments = keys.map(([index, key, offset, length]) =>
    tagged(2, Buffer.concat([counted(1, index), tagged(2, key), counted(3, offset), counted(4, length)])));
  return Buffer.concat([tagged(1, digest), ...compartments]);
}
function readFields(data) {
  let at = 0;
  const next = () => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = data[at++];
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  const fields = [];
  while (at < data.length) {
    const tag = next();
    const value = next();
    fields.push([Math.floor(tag / 8), tag % 8 === 2 ? data.subarray(at, (at += value)) : value]);
  }
  return fields;
}

// --- slots, bodies, wraps -------------------------------------------------------------------------

const aad = (index) => lp(SUITE, number(index, 8).subarray(4));
const slotInfo = (from, to, key, body, r) => lp("tracepost/v1/slot", from, to, key, sha256(body), r);
const epochInfo = (from, to, key, notAfter) => lp("tracepost/v1/epoch", SUITE, from, to, key, notAfter);

function sealBody(plaintexts) {
  const keys = [];
  let body = Buffer.alloc(0);
  plaintexts.forEach((plaintext, index) => {
    const key = randomBytes(32);
    const sealed = encrypt(key, deflateRawSync(bytes(plaintext)), aad(index));
    keys.push([index, key, body.length, sealed.length]);
    body = Buffer.concat([body, sealed]);
  });
  return { keys, body: Buffer.concat([body, randomBytes(4096 - body.length)]) };
}

async function seal({ desk_key, from, to, not_after, statement_digest, plaintexts }) {
  const { keys, body } = sealBody(plaintexts);
  const [key, end, secret, r] = [bytes(desk_key), number(not_after, 8), randomBytes(32), randomBytes(16)];
  const content = writeContent(bytes(statement_digest), keys);
  const padded = Buffer.alloc(832);
  padded.writeUInt32BE(content.length);
  content.copy(padded, 4);
  const sealed = await sealToKey(key, epochInfo(from, to, key, end), secret);
  const derived = expand(secret, slotInfo(from, to, key, body, r));
  const slot = Buffer.concat([end, sealed, r, encrypt(derived, padded, Buffer.alloc(0))]);
  return { body: shown(body), slot: shown(slot) };
}

async function open({ seed, slot: slotText, body: bodyText, from, to }) {
  const [slot, body] = [bytes(slotText), bytes(bodyText)];
  const { privateKey, publicKey } = await hpke.kem.generateKeyPairDerand(new Uint8Array(bytes(seed)));
  const key = Buffer.from(await hpke.kem.serializePublicKey(publicKey));
  const end = slot.subarray(0, 8);
  const secret = await openWithKey(privateKey, epochInfo(from, to, key, end), slot.subarray(8, 1176));
  const derived = expand(secret, slotInfo(from, to, key, body, slot.subarray(1176, 1192)));
  const padded = decrypt(derived, slot.subarray(1192), Buffer.alloc(0));
  const fields = readFields(padded.subarray(4, 4 + padded.readUInt32BE(0)));
  const plaintexts = {};
  for (const [, data] of fields.filter(([field]) => field === 2)) {
    const { 1: index, 2: opens, 3: offset, 4: length } = Object.fromEntries(readFields(data));
    const sealed = body.subarray(offset, offset + length);
    plaintexts[index] = shown(inflateRawSync(decrypt(opens, sealed, aad(index))));
  }
  const [, digest] = fields.find(([field]) => field === 1);
  return { public_key: shown(key), statement_digest: shown(digest), plaintexts };
}

async function wrap({ storage_key, member, desk, epoch_id, subject, statement_digest, keys }) {
  const [key, secret, r] = [bytes(storage_key), randomBytes(32), randomBytes(16)];
  const info = lp("tracepost/v1/storage-epoch", SUITE, member, desk, key, bytes(epoch_id));
  const derived = expand(secret, lp("tracepost/v1/storage", desk, bytes(subject), r));
  const content = writeContent(bytes(statement_digest), keys.map(([i, k, o, l]) => [i, bytes(k), o, l]));
  return {
    sealed_epoch: shown(await sealToKey(key, info, secret)),
    wrap: shown(Buffer.concat([r, encrypt(derived, content, Buffer.alloc(0))])),
  };
}

const work = { seal, open, wrap };
const request = JSON.parse(await text(process.stdin));
const answer = {};
for (const [name, cases] of Object.entries(request)) {
  answer[name] = await Promise.all(cases.map((each) => work[name](each)));
}
process.stdout.write(JSON.stringify(answer));
