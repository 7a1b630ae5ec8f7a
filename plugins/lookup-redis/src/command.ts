/** A query is one command: words separated by white space, in which a backslash makes the next character an ordinary one. */

const SPACE = /[ \t\n\v\f\r]/;

export function splitCommand(query: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (let i = 0; i < query.length; i++) {
    const character = query[i] as string;
    if (SPACE.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (character === "\\" && i + 1 < query.length) word = (word ?? "") + (query[++i] as string);
    else word = (word ?? "") + character;
  }
  return word === undefined ? words : [...words, word];
}

/** `${quote_redis:...}`: white space and backslashes get a backslash. */
export function quote(text: string): string {
  return text.replace(/[ \t\n\v\f\r\\]/g, (character) => `\\${character}`);
}

/** Commands that leave the data alone: only their answers may be kept for a while. */
const READING = new Set(
  (
    "bitcount bitfield_ro bitpos dbsize echo exists expiretime geodist geohash geopos get getbit getrange hexists hget hgetall hkeys " +
    "hlen hmget hrandfield hscan hstrlen hvals info keys lcs lindex llen lpos lrange mget object pexpiretime pfcount ping pttl randomkey " +
    "scan scard sdiff sinter sintercard sismember smembers smismember srandmember sscan strlen sunion time ttl type zcard zcount zdiff " +
    "zinter zintercard zlexcount zmscore zrandmember zrange zrangebylex zrangebyscore zrank zrevrange zrevrangebylex zrevrangebyscore " +
    "zrevrank zscan zscore zunion"
  ).split(" "),
);

/** Commands that would change or block the connection that all lookups share. */
const NOT_SHARED = new Set(
  (
    "asking auth blmove blmpop blpop brpop brpoplpush bzmpop bzpopmax bzpopmin client discard exec hello monitor multi psubscribe quit " +
    "readonly readwrite reset select shutdown ssubscribe subscribe sync psync unwatch wait waitaof watch"
  ).split(" "),
);

export function changesConnection(command: string): boolean {
  return NOT_SHARED.has(command.toLowerCase());
}

export function onlyReads(command: string): boolean {
  return READING.has(command.toLowerCase());
}
