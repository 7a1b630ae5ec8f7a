/** The answer to EHLO, keywords in Exim's order. RFC 5321 §4.1.1.1. */
import type { Extensions, ServerSettings, Switches } from "./types.ts";

export function extensionLines(offer: Extensions, settings: ServerSettings, switches: Switches): readonly string[] {
  const lines: string[] = [];
  if (offer.size !== undefined) lines.push(offer.size > 0 ? `SIZE ${offer.size}` : "SIZE");
  const limits = limitsText(offer);
  if (limits !== "") lines.push(`LIMITS ${limits}`);
  if (offer.eightBit) lines.push("8BITMIME");
  if (offer.dsn) lines.push("DSN");
  if (offer.etrn) lines.push("ETRN");
  if (offer.vrfy) lines.push("VRFY");
  if (offer.expn) lines.push("EXPN");
  if (offer.pipelining && !switches.noPipelining) lines.push("PIPELINING");
  if (offer.pipeConnect && offer.pipelining && !switches.noPipelining) lines.push("PIPECONNECT");
  if (offer.auth.length > 0) lines.push(`AUTH ${offer.auth.join(" ")}`);
  if (offer.chunking) lines.push("CHUNKING");
  if (offer.starttls) lines.push("STARTTLS");
  if (offer.prdr) lines.push("PRDR");
  if (offer.smtputf8) lines.push("SMTPUTF8");
  if (settings.enhancedCodes) lines.push("ENHANCEDSTATUSCODES");
  lines.push("HELP");
  return lines;
}

/** RFC 9422 §4. */
function limitsText({ limits }: Extensions): string {
  const items: string[] = [];
  if (limits?.mailMax !== undefined && limits.mailMax > 0) items.push(`MAILMAX=${limits.mailMax}`);
  if (limits?.rcptMax !== undefined && limits.rcptMax > 0) items.push(`RCPTMAX=${limits.rcptMax}`);
  return items.join(" ");
}

export function helpLines({ help }: ServerSettings): readonly string[] {
  const verbs = ["AUTH", ...(help.starttls ? ["STARTTLS"] : []), "HELO EHLO MAIL RCPT DATA BDAT NOOP QUIT RSET HELP"];
  if (help.etrn) verbs.push("ETRN");
  if (help.expn) verbs.push("EXPN");
  if (help.vrfy) verbs.push("VRFY");
  return ["Commands supported:", verbs.join(" ")];
}
