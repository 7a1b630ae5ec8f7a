/** `-bP`: defaults that follow from other options, of the real drivers; the values are those of Exim 4.96. */
import { show } from "@mailkit/config";
import test from "ava";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEngine } from "./engine.ts";

const CONFIG = `primary_hostname = h.test
system_filter_user = root
begin routers
plain:
  driver = redirect
  data = x
local:
  driver = redirect
  file = /x
  check_local_user
  modemask = 002
  user = root
owned:
  driver = redirect
  file = /x
  owners = root
begin transports
file:
  driver = appendfile
  file = /x
  user = root
directory:
  driver = appendfile
  directory = /x
batch:
  driver = appendfile
  file = /x
  use_bsmtp
pipe:
  driver = pipe
  command = /x
lmtp:
  driver = smtp
  protocol = lmtp
begin authenticators
tls:
  driver = tls
  server_param = a
  server_condition = yes
`;
const FROM_LINE = "message_prefix = From ${if def:return_path{$return_path}{MAILER-DAEMON}} ${tod_bsdinbox}\\n";
const rows: [words: string, lines: readonly string[]][] = [
  ["system_filter_group", ["system_filter_group = root"]],
  ["router plain", ["no_check_owner", "no_check_group", "group = "]],
  ["router local", ["check_owner", "check_group", "group = root"]],
  ["router owned", ["check_owner", "no_check_group"]],
  ["transport file", ["check_string = From ", "escape_string = >From ", FROM_LINE, "message_suffix = \\n", "group = root"]],
  ["transport directory", ["check_string = ", "escape_string = ", "message_prefix = ", "message_suffix = "]],
  ["transport batch", ["check_string = .", "escape_string = ..", "message_prefix = ", "message_suffix = "]],
  ["transport pipe", ["check_string = ", FROM_LINE, "message_suffix = \\n", "temp_errors = 75:73"]],
  ["transport lmtp", ["port = lmtp"]],
  ["authenticator tls", ["public_name = tls", "server_param = a", "server_param1 = a"]],
];
for (const [words, expected] of rows) {
  test(`-bP ${words}`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "mailkit-shown-"));
    const path = join(folder, "exim.conf");
    writeFileSync(path, CONFIG);
    const engine = await openEngine({ source: { kind: "file", path }, env: {}, cwd: folder });
    t.teardown(async () => {
      await engine.close();
      rmSync(folder, { recursive: true });
    });
    const { lines } = show(engine.config, words.split(" "));
    t.deepEqual(
      expected.filter((line) => !lines.includes(line)),
      [],
    );
  });
}
