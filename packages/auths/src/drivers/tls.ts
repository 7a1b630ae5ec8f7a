/** tls: a client certificate is the login; no AUTH command, nothing is advertised (manual, chapter "The tls authenticator"). */
import { defineAuthenticator, option } from "@mailkit/sdk";
import { withParams } from "./external.ts";

export const tls = defineAuthenticator({
  name: "tls",
  options: {
    server_param: option.expanded({ doc: "Older name of server_param1.", alias: "server_param1" }),
    server_param1: option.expanded({ doc: "Becomes $auth1.", alias: "server_param" }),
    server_param2: option.expanded({ doc: "Becomes $auth2." }),
    server_param3: option.expanded({ doc: "Becomes $auth3." }),
  },
  serverTls: (options, host) => withParams([], [options.server_param1, options.server_param2, options.server_param3], host),
});
