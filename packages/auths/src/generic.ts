/** Generic options of authenticators (manual §"Generic options for authenticators"). */
import { type OptionValues, option } from "@mailkit/sdk";

export const genericAuthenticator = {
  public_name: option.string({
    shown: ({ instance }) => instance,
    doc: "Name of the mechanism on the wire; default: the name of the instance.",
  }),
  client_condition: option.expanded({ doc: "The client passes this authenticator over when it gives an empty string, 0, no or false." }),
  client_set_id: option.expanded({ doc: "Logged with outgoing messages after success." }),
  server_advertise_condition: option.expanded({ doc: "The server does not offer it when this gives an empty string, 0, no or false." }),
  server_condition: option.expanded({ doc: "Has the last word on success: 1, yes, true; anything odd is a temporary error." }),
  server_debug_print: option.expanded({ doc: "Shown when authentication is debugged." }),
  server_set_id: option.expanded({ doc: "Becomes $authenticated_id, or $authenticated_fail_id." }),
  server_mail_auth_condition: option.expanded({ doc: "Whether AUTH= of a MAIL command is believed." }),
} as const;

export type GenericValues = OptionValues<typeof genericAuthenticator>;
