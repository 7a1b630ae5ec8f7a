/** The 26 options that every transport has: manual §"Generic options for transports". */
import { option } from "@mailkit/sdk";

export const genericTransportOptions = {
  body_only: option.boolean({ doc: "Send the body without the headers." }),
  current_directory: option.expanded({ doc: "Working directory of a local delivery." }),
  debug_print: option.expanded({ doc: "Text for the trace when the transport runs." }),
  delivery_date_add: option.boolean({ doc: "Add a Delivery-date: header." }),
  disable_logging: option.boolean({ doc: "Log nothing about deliveries by this transport." }),
  driver: option.string({ doc: "Which driver this instance uses; must be given." }),
  envelope_to_add: option.boolean({ doc: "Add an Envelope-to: header with the original recipients." }),
  event_action: option.expanded({
    doc: "Expanded at events of a delivery.",
    missing: { how: "warn", why: "events are not raised; the delivery itself goes on as usual" },
  }),
  group: option.group({ shown: ({ groupOf }) => groupOf("user"), doc: "Group of the delivery; goes before the router's." }),
  headers_add: option.expanded({ repeat: "lines", doc: "Header lines to add, each expanded by itself." }),
  headers_only: option.boolean({ doc: "Send the headers without the body." }),
  headers_remove: option.expanded({ repeat: "colon", doc: "Names of header lines to leave out; name* is a prefix." }),
  headers_rewrite: option.rewrites({ doc: "Rewriting rules for addresses in the headers of this copy." }),
  home_directory: option.expanded({ doc: "$home of a local delivery; goes before the router's." }),
  initgroups: option.boolean({ doc: "Give the delivery all groups of `user`." }),
  max_parallel: option.expanded({ doc: "How many runs of this transport may go on at once; 0 = any number." }),
  message_size_limit: option.expanded({ default: "0", shown: "", doc: "Larger messages fail; 0 = no limit." }),
  rcpt_include_affixes: option.boolean({ doc: "Keep prefix and suffix of the local part in RCPT." }),
  retry_use_local_part: option.boolean({ default: true, doc: "A local delivery that fails holds back its address, not its whole domain." }),
  return_path: option.expanded({ doc: "Return path of this copy instead of the sender." }),
  return_path_add: option.boolean({ doc: "Add a Return-path: header." }),
  shadow_condition: option.expanded({ doc: "Run the shadow transport only when this is not empty, 0, no or false." }),
  shadow_transport: option.string({ doc: "Local transport that gets a copy after each success." }),
  transport_filter: option.expanded({ doc: "Program through which the message goes before it is sent." }),
  transport_filter_timeout: option.time({ default: 300_000, doc: "How long the filter may take." }),
  user: option.user({ doc: "User of the delivery; goes before the router's." }),
} as const;
