/** Every option of Exim's autoreply transport (manual §"Private options for autoreply"). */
import { option } from "@mailkit/sdk";

export const options = {
  bcc: option.expanded({ doc: "Blind copies." }),
  cc: option.expanded({ doc: "Cc: of the reply." }),
  file: option.expanded({ doc: "File that is sent as the body, after text." }),
  file_expand: option.boolean({ doc: "Expand the file line by line. The file is then read by mailkit itself, not by the recipient." }),
  file_optional: option.boolean({ doc: "A file that cannot be read is left out." }),
  from: option.expanded({ doc: "From: of the reply." }),
  headers: option.expanded({ doc: "More header lines, parted by newlines." }),
  log: option.expanded({ doc: "File in which each reply is noted." }),
  mode: option.octal({ default: 0o600, doc: "Mode of the log and once files." }),
  never_mail: option.addressList({ doc: "Addresses that never get a reply." }),
  once: option.expanded({ doc: "File that remembers who has had a reply." }),
  once_file_size: option.integer({ doc: "Largest size of the once file; the oldest address goes first. 0 = no limit." }),
  once_repeat: option.expanded({ default: "0s", shown: "", doc: "After this time the same address gets a reply again; 0 = never." }),
  reply_to: option.expanded({ doc: "Reply-To: of the reply." }),
  return_message: option.boolean({ doc: "Put the message itself under the text." }),
  subject: option.expanded({ doc: "Subject: of the reply." }),
  text: option.expanded({ doc: "Body of the reply." }),
  to: option.expanded({ doc: "To: of the reply." }),
} as const;
