import { buildProgram, type Program } from "../machine-code.ts";

/**
 * A program for Linux that depends on the kernel only, as machine code: writes `out` to stdout and `err` to stderr, copies
 * stdin to stdout until EOF, and exits with 7. Engines provide no program.
 */
const CODE: Readonly<Record<string, Program>> = {
  amd64: {
    machine: 0x3e,
    listing: `
      bf 01 00 00 00            mov   edi, 1             write4(1, out)
      48 8d 35 56 00 00 00      lea   rsi, [rip + out]
      e8 44 00 00 00            call  write4
      bf 02 00 00 00            mov   edi, 2             write4(2, err)
      48 8d 35 49 00 00 00      lea   rsi, [rip + err]
      e8 33 00 00 00            call  write4
      31 c0                     xor   eax, eax           next: read(0, below the stack, 4096)
      31 ff                     xor   edi, edi
      48 8d b4 24 00 f0 ff ff   lea   rsi, [rsp - 4096]
      ba 00 10 00 00            mov   edx, 4096
      0f 05                     syscall
      85 c0                     test  eax, eax
      7e 10                     jle   done               at its end
      89 c2                     mov   edx, eax           write(1, the same, as much)
      b8 01 00 00 00            mov   eax, 1
      bf 01 00 00 00            mov   edi, 1
      0f 05                     syscall
      eb d9                     jmp   next
      b8 3c 00 00 00            mov   eax, 60            done: exit(7)
      bf 07 00 00 00            mov   edi, 7
      0f 05                     syscall
      b8 01 00 00 00            mov   eax, 1             write4: write(edi, rsi, 4)
      ba 04 00 00 00            mov   edx, 4
      0f 05                     syscall
      c3                        ret
      6f 75 74 0a               out
      65 72 72 0a               err`,
  },
  arm64: {
    machine: 0xb7,
    listing: `
      20 00 80 d2               mov   x0, 1              write4(1, out)
      01 03 00 10               adr   x1, out
      13 00 00 94               bl    write4
      40 00 80 d2               mov   x0, 2              write4(2, err)
      c1 02 00 10               adr   x1, err
      10 00 00 94               bl    write4
      00 00 80 d2               mov   x0, 0              next: read(0, below the stack, 4096)
      e1 07 40 d1               sub   x1, sp, 4096
      02 00 82 d2               mov   x2, 4096
      e8 07 80 d2               mov   x8, 63
      01 00 00 d4               svc   0
      1f 00 00 f1               cmp   x0, 0
      cd 00 00 54               b.le  done               at its end
      e2 03 00 aa               mov   x2, x0             write(1, the same, as much)
      20 00 80 d2               mov   x0, 1
      08 08 80 d2               mov   x8, 64
      01 00 00 d4               svc   0
      f5 ff ff 17               b     next
      e0 00 80 d2               mov   x0, 7              done: exit(7)
      a8 0b 80 d2               mov   x8, 93
      01 00 00 d4               svc   0
      82 00 80 d2               mov   x2, 4              write4: write(x0, x1, 4)
      08 08 80 d2               mov   x8, 64
      01 00 00 d4               svc   0
      c0 03 5f d6               ret
      6f 75 74 0a               out
      65 72 72 0a               err`,
  },
};

/** @param architecture the engine's name. @returns the probe; undefined for an unsupported architecture. */
export function buildProbe(architecture: string): Buffer | undefined {
  const program = CODE[architecture];
  return program && buildProgram(program);
}
