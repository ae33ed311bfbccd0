// Verifies compact SD-JWTs with software that is not ours.
//
// stdin:  [{"compact": "jws~…~", "jwk": {…}, "now": unix seconds}, …]
// stdout: [{"jose": {"header", "payload"}, "sdjwt": {"header", "payload"}} or {"refused": "why"}, …]
//
// `jose` checks the signature; `@sd-jwt/core` the signature and, by its own reading of RFC 9901,
// which claim each disclosure belongs to: its payload has the disclosed claims in their places.
import { createHash } from "node:crypto";
import { text } from "node:stream/consumers";

import { SDJwtInstance } from "@sd-jwt/core";
import { compactVerify, decodeProtectedHeader, importJWK } from "jose";

const hasher = (data, algorithm) =>
  new Uint8Array(createHash(algorithm.replace("-", "")).update(data).digest());

async function verifyWithJose(compact, key) {
  const { payload, protectedHeader } = await compactVerify(compact.split("~")[0], key, {
    algorithms: ["ES256"],
  });
  return { header: protectedHeader, payload: JSON.parse(new TextDecoder().decode(payload)) };
}

async function verifyWithSdJwt(compact, key, now) {
  const verifier = async (data, signature) => {
    await compactVerify(`${data}.${signature}`, key, { algorithms: ["ES256"] });
    return true;
  };
  const { header, payload } = await new SDJwtInstance({ hasher, verifier }).verify(compact, {
    currentDate: now,
  });
  return { header, payload };
}

async function verify({ compact, jwk, now }) {
  try {
    const key = await importJWK(jwk, decodeProtectedHeader(compact.split("~")[0]).alg);
    return {
      jose: await verifyWithJose(compact, key),
      sdjwt: await verifyWithSdJwt(compact, key, now),
    };
  } catch (error) {
    return { refused: `${error.name}: ${error.message}` };
  }
}

const requests = JSON.parse(await text(process.stdin));
process.stdout.write(JSON.stringify(await Promise.all(requests.map(verify))));
