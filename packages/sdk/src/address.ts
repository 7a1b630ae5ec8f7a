/** An address cut at its last `@`; an unqualified one has the domain "". Octets as received, case kept. */
export interface Address {
  readonly localPart: string;
  readonly domain: string;
}

/** Cuts at the last `@`. Does not check syntax (that is `parseMailbox` in `@mailkit/message`). */
export function splitAddress(address: string): Address {
  const at = address.lastIndexOf("@");
  return at < 0 ? { localPart: address, domain: "" } : { localPart: address.slice(0, at), domain: address.slice(at + 1) };
}

export function joinAddress(address: Address): string {
  return address.domain === "" ? address.localPart : `${address.localPart}@${address.domain}`;
}
