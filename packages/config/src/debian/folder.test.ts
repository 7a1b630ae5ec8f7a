import test from "ava";
import { debianFolder } from "./folder.ts";
import { debianMacros } from "./macros.ts";
import { readShellSettings } from "./shell-settings.ts";

const FACTS = { mailname: "mail.example", fqdn: "host", version: "mailkit 1" };

function folder(files: Readonly<Record<string, string>>) {
  return debianFolder(
    "/e",
    {
      readFile: (path) => files[path] ?? { code: "ENOENT", message: "No such file or directory" },
      list: (directory) =>
        Object.keys(files).flatMap((path) => (path.startsWith(`${directory}/`) ? [path.slice(directory.length + 1)] : [])),
    },
    FACTS,
  );
}

test("conf.d: sections in Debian's order, files by name, .rul first, strange names left out", (t) => {
  const found = folder({
    "/e/update-exim4.conf.conf": "dc_use_split_config='true'",
    "/e/conf.d/router/200_b": "",
    "/e/conf.d/router/1000_a": "",
    "/e/conf.d/main/01_x": "A=1\nUPEX4CmacrosUPEX4C = 1\nB=2\n",
    "/e/conf.d/main/02_y": "old",
    "/e/conf.d/main/02_y.rul": "new",
    "/e/conf.d/main/03_z.dpkg-old": "",
  });
  const names = ["main/01_x", "main/02_y.rul", "router/1000_a", "router/200_b"];
  t.is(found?.readFile("/e"), names.map((name) => `.include /e/conf.d/${name}\n`).join(""));
  t.is(found?.readFile("/e/conf.d/main/01_x"), "A=1\n.include /e/update-exim4.conf.conf:macros\nB=2\n");
});

test("the template with local macros in front, a file of one's own before all, another folder is none", (t) => {
  const template = { "/e/exim4.conf.template": "", "/e/exim4.conf.localmacros": "" };
  t.is(folder(template)?.readFile("/e"), ".include /e/exim4.conf.localmacros\n.include /e/exim4.conf.template\n");
  t.is(folder({ ...template, "/e/exim4.conf": "" })?.file, "/e/exim4.conf");
  t.is(folder({ "/e/other": "" }), undefined);
});

// What update-exim4.conf of exim4-config 4.96-15 makes of each.
const rows: [why: string, written: string, macro: string, value: string | undefined][] = [
  ["lists with semicolons say so", "dc_local_interfaces='127.0.0.1.25;::1'", "MAIN_LOCAL_INTERFACES", "<; 127.0.0.1.25;::1"],
  ["empty: all interfaces", "dc_local_interfaces=''", "MAIN_LOCAL_INTERFACES", undefined],
  ["semicolons become colons", "dc_other_hostnames='a.x; b.x:c.x'", "MAIN_LOCAL_DOMAINS", "@:localhost:a.x: b.x:c.x"],
  ["no other names", "dc_other_hostnames=''", "MAIN_LOCAL_DOMAINS", "@:localhost"],
  ["one net", "dc_relay_nets='192.168.0.0/24'", "MAIN_RELAY_NETS", "192.168.0.0/24 : 127.0.0.1 : ::::1"],
  ["two nets", 'dc_relay_nets="10.0.0.0/8;fd00::/8"', "MAIN_RELAY_NETS", "<; 10.0.0.0/8;fd00::/8 ; 127.0.0.1 ; ::1"],
  ["this host alone", "", "MAIN_RELAY_NETS", ": 127.0.0.1 : ::::1"],
  ["smarthosts", "dc_smarthost='a ; [::1]::587'", "DCsmarthost", "a : [::1]::587"],
  ["delivery", "dc_localdelivery=maildir_home # ~/Maildir", "LOCAL_DELIVERY", "maildir_home"],
  ["type", "dc_eximconfig_configtype=internet", "DCconfig_internet", "1"],
  ["a host name without a dot is not wired in", "dc_minimaldns=true", "MAIN_HARDCODE_PRIMARY_HOSTNAME", undefined],
  ["lists that say so themselves", "dc_relay_domains='<; a.x'", "MAIN_RELAY_TO_DOMAINS", "<; a.x"],
  ["nets that say so themselves", "dc_relay_nets='<; ::2'", "MAIN_RELAY_NETS", "<; ::2 ; 127.0.0.1 ; ::1"],
  ["hidden name", "dc_eximconfig_configtype=satellite\ndc_hide_mailname='true'", "HIDE_MAILNAME", "1"],
  ["hidden name: only where mail goes to a smarthost", "dc_hide_mailname='true'", "HIDE_MAILNAME", undefined],
  ["version", "", "MAIN_PACKAGE_VERSION", "mailkit 1"],
  ["not configured: no macros", "dc_eximconfig_configtype=none", "LOCAL_DELIVERY", undefined],
];
for (const [why, written, macro, value] of rows) {
  test(`macros: ${why}`, (t) => {
    const lines = debianMacros(readShellSettings(`dc_eximconfig_configtype=internet\n${written}`), FACTS).split("\n");
    t.is(
      lines.find((line) => line.startsWith(`${macro}=`)),
      value === undefined ? undefined : `${macro}=${value}`,
    );
  });
}
