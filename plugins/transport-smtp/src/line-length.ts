/** `message_linelength_limit`: is a line of the message longer? Counts octets without the line end. */
import { messageOctets, type OutgoingMessage } from "@mailkit/sdk";

const LF = 10;

export async function longestLineOver(message: OutgoingMessage, limit: number): Promise<boolean> {
  if (limit <= 0) return false;
  const known = message.longestBodyLine !== undefined && message.longestBodyLine <= limit;
  if (known) return message.parts !== "body" && message.headers.split("\n").some((line) => line.length > limit);
  let length = 0;
  for await (const octets of messageOctets(message, {}, [])) {
    let from = 0;
    for (let end = octets.indexOf(LF); end >= 0; end = octets.indexOf(LF, from)) {
      if (length + end - from > limit) return true;
      length = 0;
      from = end + 1;
    }
    length += octets.length - from;
    if (length > limit) return true;
  }
  return false;
}
