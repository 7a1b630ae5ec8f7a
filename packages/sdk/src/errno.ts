/** Linux error numbers and the C library's texts for them, as they stand in Exim's logs. */
const ERRORS: readonly (readonly [string, number, string])[] = [
  ["EPERM", 1, "Operation not permitted"],
  ["ENOENT", 2, "No such file or directory"],
  ["EIO", 5, "Input/output error"],
  ["ENXIO", 6, "No such device or address"],
  ["E2BIG", 7, "Argument list too long"],
  ["EBADF", 9, "Bad file descriptor"],
  ["EAGAIN", 11, "Resource temporarily unavailable"],
  ["ENOMEM", 12, "Cannot allocate memory"],
  ["EACCES", 13, "Permission denied"],
  ["EBUSY", 16, "Device or resource busy"],
  ["EEXIST", 17, "File exists"],
  ["EXDEV", 18, "Invalid cross-device link"],
  ["ENOTDIR", 20, "Not a directory"],
  ["EISDIR", 21, "Is a directory"],
  ["EINVAL", 22, "Invalid argument"],
  ["ENFILE", 23, "Too many open files in system"],
  ["EMFILE", 24, "Too many open files"],
  ["ETXTBSY", 26, "Text file busy"],
  ["EFBIG", 27, "File too large"],
  ["ENOSPC", 28, "No space left on device"],
  ["EROFS", 30, "Read-only file system"],
  ["EMLINK", 31, "Too many links"],
  ["EPIPE", 32, "Broken pipe"],
  ["ENAMETOOLONG", 36, "File name too long"],
  ["ELOOP", 40, "Too many levels of symbolic links"],
  ["EADDRINUSE", 98, "Address already in use"],
  ["EADDRNOTAVAIL", 99, "Cannot assign requested address"],
  ["ENETDOWN", 100, "Network is down"],
  ["ENETUNREACH", 101, "Network is unreachable"],
  ["ECONNABORTED", 103, "Software caused connection abort"],
  ["ECONNRESET", 104, "Connection reset by peer"],
  ["ENOTCONN", 107, "Transport endpoint is not connected"],
  ["ETIMEDOUT", 110, "Connection timed out"],
  ["ECONNREFUSED", 111, "Connection refused"],
  ["EHOSTDOWN", 112, "Host is down"],
  ["EHOSTUNREACH", 113, "No route to host"],
  ["EDQUOT", 122, "Disk quota exceeded"],
];

const BY_CODE = new Map(ERRORS.map(([code, number]) => [code, number]));
const BY_NUMBER = new Map(ERRORS.map(([, number, text]) => [number, text]));

/** Number of `ECONNREFUSED` and the like; 0 for a code that is not in the table. */
export function errnoOf(code: string | undefined): number {
  return code === undefined ? 0 : (BY_CODE.get(code) ?? 0);
}

export function strerror(errno: number): string {
  return BY_NUMBER.get(errno) ?? `Unknown error ${errno}`;
}
