import test from "ava";
import { listeningText } from "./listening-text.ts";

const at = (host: string, port: number, tlsOnConnect = false) => ({ host, port, tlsOnConnect });

// Seen on Exim 4.96.
const cases: [string, ReturnType<typeof at>[], string][] = [
  ["nothing", [], "not listening for SMTP"],
  [
    "both wildcards",
    [at("::", 25), at("::", 26), at("0.0.0.0", 25), at("0.0.0.0", 26)],
    "listening for SMTP on port 25 (IPv6 and IPv4) port 26 (IPv6 and IPv4)",
  ],
  ["one protocol", [at("0.0.0.0", 25), at("::", 26)], "listening for SMTP on port 25 (IPv4) port 26 (IPv6)"],
  ["an address of its own first", [at("127.0.0.1", 28), at("0.0.0.0", 25)], "listening for SMTP on [127.0.0.1]:28 port 25 (IPv4)"],
  ["several ports of one address", [at("127.0.0.1", 25), at("127.0.0.1", 26)], "listening for SMTP on [127.0.0.1]:{25,26}"],
  ["TLS from the start", [at("::", 465, true), at("::", 25)], "listening for SMTP on port 25 (IPv6) and for SMTPS on port 465 (IPv6)"],
  ["TLS alone", [at("0.0.0.0", 465, true)], "listening for SMTPS on port 465 (IPv4)"],
];

for (const [why, addresses, text] of cases) test(why, (t) => t.is(listeningText(addresses), text));
