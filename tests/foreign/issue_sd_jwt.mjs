// Issues an SD-JWT with @sd-jwt/core, for us to verify.
//
// stdin:  {"header": {…}, "claims": {… "message": {CLASS: {path: value, …}, …}}, "jwk": private key}
// stdout: {"compact": "jws~…~"}
//
// Every member of a class becomes a disclosure of that class; decoys fill it to whole eights.
import { createHash, randomBytes } from "node:crypto";
import { text } from "node:stream/consumers";

import { SDJwtInstance } from "@sd-jwt/core";
import { FlattenedSign, importJWK } from "jose";

const { header, claims, jwk } = JSON.parse(await text(process.stdin));
const key = await importJWK(jwk, "ES256");

// The library signs what it is given; jose makes the signature of "header.payload".
async function signer(data) {
  const [protectedPart, payload] = data.split(".").map((part) => Buffer.from(part, "base64url"));
  const jws = await new FlattenedSign(payload)
    .setProtectedHeader(JSON.parse(protectedPart.toString()))
    .sign(key);
  if (`${jws.protected}.${jws.payload}` !== data) throw new Error("jose wrote the header otherwise");
  return jws.signature;
}

const frame = (fields) => {
  const paths = Object.keys(fields);
  return { _sd: paths, _sd_decoy: (8 - (paths.length % 8)) % 8 };
};
const issuer = new SDJwtInstance({
  signer,
  signAlg: "ES256",
  omitTyp: true,
  hasher: (data, algorithm) => createHash(algorithm.replace("-", "")).update(data).digest(),
  saltGenerator: (length) => randomBytes(length).toString("base64url"),
});
const message = Object.fromEntries(
  Object.entries(claims.message).map(([name, fields]) => [name, frame(fields)]),
);
process.stdout.write(JSON.stringify({ compact: await issuer.issue(claims, { message }, { header }) }));
