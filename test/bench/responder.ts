/** The least a server in Node can do: answers SMTP, keeps nothing. Started as a process of its own; says its port. */
import { createServer, type AddressInfo } from "node:net";

const END = Buffer.from("\r\n.\r\n");

const server = createServer((socket) => {
  let data = false;
  let rest: Buffer = Buffer.alloc(0);
  const turn = (): string | undefined => {
    const end = data ? rest.indexOf(END) : rest.indexOf("\r\n");
    if (end < 0) return undefined;
    const verb = data ? "." : rest.toString("latin1", 0, 4).toUpperCase();
    rest = rest.subarray(end + (data ? END.length : 2));
    data = verb === "DATA";
    if (verb === "QUIT") socket.end("221 bye\r\n");
    return verb === "QUIT" ? "" : data ? "354 go on\r\n" : "250 OK\r\n";
  };
  socket.setNoDelay(true).on("error", () => socket.destroy());
  socket.on("data", (octets: Buffer) => {
    rest = rest.length === 0 ? octets : Buffer.concat([rest, octets]);
    let said = "";
    for (let reply = turn(); reply !== undefined; reply = turn()) said += reply;
    if (said !== "") socket.write(said);
  });
  socket.write("220 host.test\r\n");
});
server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});
