/** What `expand.ts` measures with: a configuration, its data files, a message, and strings of the kinds that configurations hold. */

/** `FOLDER` stands for the folder. Exim reads a list file from its beginning for each match, and an lsearch file too. */
export const CONFIG = `primary_hostname = mx.host.test
headers_charset = UTF-8
domainlist ten = ${names(10).join(" : ")}
domainlist thousand = ${names(1000).join(" : ")}
domainlist wild = ${Array.from({ length: 50 }, (_, i) => `*.w${i}.test`).join(" : ")} : ^mail\\d+\\.
domainlist file10k = FOLDER/domains10k
domainlist file100k = FOLDER/domains100k
domainlist key100k = lsearch;FOLDER/keys100k
hostlist nets = ${Array.from({ length: 100 }, (_, i) => `10.${i}.0.0/16`).join(" : ")}
hostlist nets10k = FOLDER/nets10k
addresslist people = ${Array.from({ length: 200 }, (_, i) => `user${i}@d${i}.test`).join(" : ")} : *@*.lists.test : postmaster@+thousand
addresslist people100k = FOLDER/people100k
spool_directory = FOLDER/spool
log_file_path = FOLDER/%slog
`;

export const MESSAGE = `From: =?utf-8?Q?Fr=C3=A9d?= <fred@truc.test>
To: marc@machin.test, anne@truc.test
Subject: quarterly figures, and what follows from them
Message-ID: <4711.42@truc.test>
Date: Tue, 24 Nov 2026 10:00:00 +0000
List-Id: figures <figures.lists.test>

one
two
`;

function names(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `d${i}.test`);
}

/** Data files by name. */
export function dataFiles(): Record<string, string> {
  const lines = (count: number, line: (i: number) => string): string => Array.from({ length: count }, (_, i) => `${line(i)}\n`).join("");
  return {
    aliases: lines(1000, (i) => `user${i}: user${i}@d${i}.test, :include:/etc/list${i}`),
    keys10k: lines(10_000, (i) => `d${i}.test: value ${i}`),
    keys100k: lines(100_000, (i) => `d${i}.test: value ${i}`),
    domains10k: lines(10_000, (i) => `d${i}.test`),
    domains100k: lines(100_000, (i) => `d${i}.test`),
    people100k: lines(100_000, (i) => (i % 2 === 0 ? `user${i}@d${i}.test` : `*@b${i}.test`)),
    nets10k: lines(10_000, (i) => `172.${16 + (i >> 12)}.${(i >> 4) & 255}.${(i & 15) << 4}/28`),
    "message.eml": MESSAGE,
  };
}

export interface Kind {
  readonly name: string;
  /** The i-th string. */
  readonly line: (i: number, folder: string) => string;
  /** How many of 10,000 lines Exim gets where 10,000 would take minutes. */
  readonly peerLines?: number;
}

/** Spread over a range, the same in each run. */
const spread = (i: number, range: number): number => (i * 7919) % range;

export const KINDS: readonly Kind[] = [
  { name: "variables, case, quoting", line: (i) => `\${quote:user ${i}@$primary_hostname} \${uc:abc${i}} \${length_5:$qualify_domain}` },
  {
    name: "conditions",
    line: (i) =>
      `\${if and{{eqi{User${i}@D.TEST}{user${i}@d.test}}{>{\${eval:${i}*3}}{1000}}{!eq{}{a}}}{\${local_part:user${i}@d.test}}{few}}`,
  },
  {
    name: "regular expressions",
    line: (i) => `\${if match{user${i}.smith@d${i}.test}{\\N^([a-z]+)(\\d+)\\.([^@]+)@(.+)$\\N}{$2 $3 at $4}{none}}`,
  },
  { name: "sg, tr", line: (i) => `\${sg{a${i}b${i}c${i}d}{\\N(\\d+)\\N}{<\\$1>}} \${tr{user-${i}.x}{-.}{__}}` },
  { name: "hashes", line: (i) => `\${md5:user${i}} \${sha256:user${i}@d.test} \${hmac{sha1}{secret}{user${i}}} \${nhash_8_64:user${i}}` },
  {
    name: "header fields",
    line: (i) => `\${address:$h_from:} $rh_subject: \${if def:h_list-id:{$h_list-id:}} ${i} \${rfc2047:Fr\u00e9d ${i}}`,
  },
  {
    name: "lists in strings",
    line: (i) =>
      `\${map{a${i}:b:c:d}{<$item>}} \${if forany{1:2:${i % 9}}{={$item}{7}}{y}{n}} \${listextract{2}{x:y${i}:z}} \${reduce{1:2:${i}}{0}{\${eval:$value+$item}}}`,
  },
  {
    name: "extract, substr",
    line: (i) => `\${extract{host}{user=u${i} host=h${i}.test port=25}} \${extract{2}{:}{a:b${i}:c}} \${substr_2_4:abcdef${i}}`,
  },
  { name: "lsearch, 1,000 lines", line: (i, f) => `\${lookup{user${spread(i, 1200)}}lsearch{${f}/aliases}{$value}{none}}` },
  {
    name: "lsearch, 10,000 lines",
    peerLines: 2000,
    line: (i, f) => `\${lookup{d${spread(i, 11_000)}.test}lsearch{${f}/keys10k}{$value}{none}}`,
  },
  {
    name: "lsearch, 100,000 lines",
    peerLines: 200,
    line: (i, f) => `\${lookup{d${spread(i, 110_000)}.test}lsearch{${f}/keys100k}{$value}{none}}`,
  },
  { name: "match_domain, 10 items", line: (i) => `\${if match_domain{d${spread(i, 20)}.test}{+ten}{y}{n}} ${i}` },
  { name: "match_domain, 1,000 items", line: (i) => `\${if match_domain{d${spread(i, 1100)}.test}{+thousand}{y}{n}} ${i}` },
  { name: "match_domain, 50 suffixes, regex", line: (i) => `\${if match_domain{a${i}.w${spread(i, 60)}.test}{+wild}{y}{n}}` },
  { name: "match_domain, file of 10,000", peerLines: 1000, line: (i) => `\${if match_domain{d${spread(i, 11_000)}.test}{+file10k}{y}{n}}` },
  {
    name: "match_domain, file of 100,000",
    peerLines: 100,
    line: (i) => `\${if match_domain{d${spread(i, 110_000)}.test}{+file100k}{y}{n}}`,
  },
  {
    name: "match_domain, lsearch of 100,000",
    peerLines: 200,
    line: (i) => `\${if match_domain{d${spread(i, 110_000)}.test}{+key100k}{y}{n}}`,
  },
  {
    name: "match_address, 202 items",
    line: (i) => `\${if match_address{user${spread(i, 300)}@d${spread(i, 300)}.test}{+people}{y}{n}} ${i}`,
  },
  {
    name: "match_address, file of 100,000",
    peerLines: 100,
    line: (i) => `\${if match_address{user${spread(i, 110_000)}@${i % 2 === 0 ? "d" : "b"}${spread(i, 110_000)}.test}{+people100k}{y}{n}}`,
  },
  { name: "match_ip, 100 networks", line: (i) => `\${if match_ip{10.${spread(i, 128)}.${i % 251}.7}{+nets}{y}{n}}` },
  {
    name: "match_ip, file of 10,000 networks",
    peerLines: 1000,
    line: (i) => `\${if match_ip{172.${16 + spread(i, 4)}.${i % 256}.${spread(i, 250)}}{+nets10k}{y}{n}}`,
  },
];

/** All kinds in turn; those where Exim reads a large file as often as it can bear. */
export function mixed(count: number, folder: string): string[] {
  const light = KINDS.filter(({ peerLines }) => peerLines === undefined);
  const heavy = KINDS.filter(({ peerLines }) => peerLines !== undefined);
  return Array.from({ length: count }, (_, i) => {
    const kinds = i % 100 === 99 ? heavy : light;
    const kind = kinds[Math.floor(i / (i % 100 === 99 ? 100 : 1)) % kinds.length] as Kind;
    return kind.line(i, folder);
  });
}
