/** SRS0 addresses (manual §"SRS (Sender Rewriting Scheme)"). Pure: the time is an argument, in milliseconds. */
import { lower, splitAddress } from "@mailkit/sdk";
import { hmac } from "./hmac.ts";

const BASE32 = "abcdefghijklmnopqrstuvwxyz234567";
const DAY = 86_400_000;
/** Days for which an address can be answered. */
const LIFETIME = 10;

/** Empty for the null sender: a bounce has no one to answer to. */
// oxlint-disable-next-line max-params
export function encodeSrs(secret: string, sender: string, forwarder: string, now: number): string {
  if (sender === "") return "";
  const { localPart, domain } = splitAddress(sender);
  return `SRS0=${hashOf(secret, sender)}=${stampOf(dayOf(now))}=${domain}=${localPart}@${forwarder}`;
}

const SRS0 = /^SRS0=([0-9a-f]+)=([a-z2-7]{2})=([^=]*)=(.*)$/is;

/** The address inside a local part; undefined = it is none, is forged or too old. With no secret only the form counts. */
export function decodeSrs(localPart: string, secret: string, now: number): string | undefined {
  const found = SRS0.exec(localPart);
  if (found === null) return undefined;
  const [, hash = "", stamp = "", domain = "", original = ""] = found;
  const address = `${original}@${domain}`;
  if (secret === "") return address;
  const age = (dayOf(now) - dayOfStamp(stamp) + 1024) % 1024;
  return age <= LIFETIME && hash === hashOf(secret, address) ? lower(address) : undefined;
}

function dayOf(now: number): number {
  return Math.floor(now / DAY) & 0x3ff;
}

function stampOf(day: number): string {
  return `${BASE32[day >> 5]}${BASE32[day & 31]}`;
}

function dayOfStamp(stamp: string): number {
  return (BASE32.indexOf((stamp[0] as string).toLowerCase()) << 5) | BASE32.indexOf((stamp[1] as string).toLowerCase());
}

/** Covers the sender, whatever its case. */
function hashOf(secret: string, sender: string): string {
  return hmac("md5", secret, lower(sender)).toString("hex").slice(0, 4);
}
