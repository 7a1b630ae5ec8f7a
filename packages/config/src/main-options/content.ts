/** Main options: scanners, DKIM, SPF, DMARC. Manual chapters "Content scanning at ACL time", "DKIM, SPF, SRS and DMARC". */
import { option } from "@mailkit/sdk";

const { boolean, domainList, expanded, string, stringList, time } = option;
const NO_DCC = { how: "warn", why: "there is no DCC client; the dcc condition does nothing" } as const;
const NO_DKIM = { how: "warn", why: "DKIM signatures are not verified" } as const;
const NO_LOCAL_SCAN = { how: "warn", why: "there is no local_scan function; use an ACL" } as const;

export const contentOptions = {
  av_scanner: expanded({ default: "sophie:/var/run/sophie", doc: "The virus scanner of the malware condition: type:address:options." }),
  spamd_address: expanded({ default: "127.0.0.1 783", doc: "Where SpamAssassin or rspamd listens." }),
  dkim_verify_signers: domainList({
    default: "$dkim_signers",
    doc: "Signers for which acl_smtp_dkim is run.",
    missing: NO_DKIM,
  }),
  dkim_verify_hashes: stringList({
    default: ["sha256", "sha512"],
    doc: "Hashes that are accepted in signatures.",
    missing: NO_DKIM,
  }),
  dkim_verify_keytypes: stringList({
    default: ["ed25519", "rsa"],
    doc: "Key types that are accepted in signatures.",
    missing: NO_DKIM,
  }),
  dkim_verify_min_keysizes: string({
    default: "rsa=1024 ed25519=250",
    doc: "Smallest keys that are accepted.",
    missing: NO_DKIM,
  }),
  dkim_verify_minimal: boolean({
    doc: "Stop checking signatures after the first good one.",
    missing: NO_DKIM,
  }),
  dmarc_tld_file: string({ doc: "File with the public suffix list.", missing: { how: "warn", why: "DMARC is not evaluated" } }),
  dmarc_history_file: string({ doc: "File that collects results for reports.", missing: { how: "warn", why: "no history is written" } }),
  dmarc_forensic_sender: expanded({ doc: "Sender of failure reports.", missing: { how: "warn", why: "no failure reports are sent" } }),
  spf_guess: string({ default: "v=spf1 a/24 mx/24 ptr ?all", doc: "Policy assumed for domains without SPF." }),
  spf_smtp_comment_template: expanded({
    default: "Please%_see%_http://www.open-spf.org/Why",
    doc: "Text of $spf_smtp_comment.",
    missing: { how: "warn", why: "SPF is not evaluated" },
  }),
  dcc_direct_add_header: boolean({ doc: "Add the DCC header at once.", missing: NO_DCC }),
  dccifd_address: expanded({ doc: "Where dccifd listens.", missing: NO_DCC }),
  dccifd_options: string({ doc: "Options for dccifd.", missing: NO_DCC }),
  local_scan_timeout: time({ default: 300_000, doc: "How long local_scan may take.", missing: NO_LOCAL_SCAN }),
  local_scan_path: string({ doc: "Shared object with local_scan.", missing: NO_LOCAL_SCAN }),
};
