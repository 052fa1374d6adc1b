# SPDX-License-Identifier: MIT
"""The encodings, as the manual's tables print them: a line is a name and its fields from bit 31 (or
15) down. `imm[4:1|11]` are those bits of the immediate; rd and rs are x registers, fd and fs f
registers, the primed ones three bits wide. By extension; none of it comes from vl's own rows."""

INTEGER = """
lui    imm[31:12] rd 0110111
addi   imm[11:0] rs1 000 rd 0010011
slti   imm[11:0] rs1 010 rd 0010011
sltiu  imm[11:0] rs1 011 rd 0010011
xori   imm[11:0] rs1 100 rd 0010011
ori    imm[11:0] rs1 110 rd 0010011
andi   imm[11:0] rs1 111 rd 0010011
addiw  imm[11:0] rs1 000 rd 0011011
slli   000000 imm[5:0] rs1 001 rd 0010011
srli   000000 imm[5:0] rs1 101 rd 0010011
srai   010000 imm[5:0] rs1 101 rd 0010011
slliw  0000000 imm[4:0] rs1 001 rd 0011011
srliw  0000000 imm[4:0] rs1 101 rd 0011011
sraiw  0100000 imm[4:0] rs1 101 rd 0011011
add    0000000 rs2 rs1 000 rd 0110011
sub    0100000 rs2 rs1 000 rd 0110011
sll    0000000 rs2 rs1 001 rd 0110011
slt    0000000 rs2 rs1 010 rd 0110011
sltu   0000000 rs2 rs1 011 rd 0110011
xor    0000000 rs2 rs1 100 rd 0110011
srl    0000000 rs2 rs1 101 rd 0110011
sra    0100000 rs2 rs1 101 rd 0110011
or     0000000 rs2 rs1 110 rd 0110011
and    0000000 rs2 rs1 111 rd 0110011
addw   0000000 rs2 rs1 000 rd 0111011
subw   0100000 rs2 rs1 000 rd 0111011
sllw   0000000 rs2 rs1 001 rd 0111011
srlw   0000000 rs2 rs1 101 rd 0111011
sraw   0100000 rs2 rs1 101 rd 0111011
mul    0000001 rs2 rs1 000 rd 0110011
mulh   0000001 rs2 rs1 001 rd 0110011
mulhsu 0000001 rs2 rs1 010 rd 0110011
mulhu  0000001 rs2 rs1 011 rd 0110011
div    0000001 rs2 rs1 100 rd 0110011
divu   0000001 rs2 rs1 101 rd 0110011
rem    0000001 rs2 rs1 110 rd 0110011
remu   0000001 rs2 rs1 111 rd 0110011
mulw   0000001 rs2 rs1 000 rd 0111011
divw   0000001 rs2 rs1 100 rd 0111011
divuw  0000001 rs2 rs1 101 rd 0111011
remw   0000001 rs2 rs1 110 rd 0111011
remuw  0000001 rs2 rs1 111 rd 0111011
"""

BITS = """
add.uw    0000100 rs2 rs1 000 rd 0111011
sh1add    0010000 rs2 rs1 010 rd 0110011
sh2add    0010000 rs2 rs1 100 rd 0110011
sh3add    0010000 rs2 rs1 110 rd 0110011
sh1add.uw 0010000 rs2 rs1 010 rd 0111011
sh2add.uw 0010000 rs2 rs1 100 rd 0111011
sh3add.uw 0010000 rs2 rs1 110 rd 0111011
slli.uw   000010 imm[5:0] rs1 001 rd 0011011
andn   0100000 rs2 rs1 111 rd 0110011
orn    0100000 rs2 rs1 110 rd 0110011
xnor   0100000 rs2 rs1 100 rd 0110011
clz    011000000000 rs1 001 rd 0010011
ctz    011000000001 rs1 001 rd 0010011
cpop   011000000010 rs1 001 rd 0010011
clzw   011000000000 rs1 001 rd 0011011
ctzw   011000000001 rs1 001 rd 0011011
cpopw  011000000010 rs1 001 rd 0011011
max    0000101 rs2 rs1 110 rd 0110011
maxu   0000101 rs2 rs1 111 rd 0110011
min    0000101 rs2 rs1 100 rd 0110011
minu   0000101 rs2 rs1 101 rd 0110011
sext.b 011000000100 rs1 001 rd 0010011
sext.h 011000000101 rs1 001 rd 0010011
zext.h 000010000000 rs1 100 rd 0111011
rol    0110000 rs2 rs1 001 rd 0110011
ror    0110000 rs2 rs1 101 rd 0110011
rori   011000 imm[5:0] rs1 101 rd 0010011
rolw   0110000 rs2 rs1 001 rd 0111011
rorw   0110000 rs2 rs1 101 rd 0111011
roriw  0110000 imm[4:0] rs1 101 rd 0011011
orc.b  001010000111 rs1 101 rd 0010011
rev8   011010111000 rs1 101 rd 0010011
clmul  0000101 rs2 rs1 001 rd 0110011
clmulr 0000101 rs2 rs1 010 rd 0110011
clmulh 0000101 rs2 rs1 011 rd 0110011
bclr   0100100 rs2 rs1 001 rd 0110011
bclri  010010 imm[5:0] rs1 001 rd 0010011
bext   0100100 rs2 rs1 101 rd 0110011
bexti  010010 imm[5:0] rs1 101 rd 0010011
binv   0110100 rs2 rs1 001 rd 0110011
binvi  011010 imm[5:0] rs1 001 rd 0010011
bset   0010100 rs2 rs1 001 rd 0110011
bseti  001010 imm[5:0] rs1 001 rd 0010011
"""

MEMORY = """
lb  imm[11:0] rs1 000 rd 0000011
lh  imm[11:0] rs1 001 rd 0000011
lw  imm[11:0] rs1 010 rd 0000011
ld  imm[11:0] rs1 011 rd 0000011
lbu imm[11:0] rs1 100 rd 0000011
lhu imm[11:0] rs1 101 rd 0000011
lwu imm[11:0] rs1 110 rd 0000011
sb  imm[11:5] rs2 rs1 000 imm[4:0] 0100011
sh  imm[11:5] rs2 rs1 001 imm[4:0] 0100011
sw  imm[11:5] rs2 rs1 010 imm[4:0] 0100011
sd  imm[11:5] rs2 rs1 011 imm[4:0] 0100011
flh imm[11:0] rs1 001 fd 0000111
flw imm[11:0] rs1 010 fd 0000111
fld imm[11:0] rs1 011 fd 0000111
fsh imm[11:5] fs2 rs1 001 imm[4:0] 0100111
fsw imm[11:5] fs2 rs1 010 imm[4:0] 0100111
fsd imm[11:5] fs2 rs1 011 imm[4:0] 0100111
"""

# F is the format's letter, and its two bits.
FLOAT = """
fmadd.F  fs3 F fs2 fs1 rm fd 1000011
fmsub.F  fs3 F fs2 fs1 rm fd 1000111
fnmsub.F fs3 F fs2 fs1 rm fd 1001011
fnmadd.F fs3 F fs2 fs1 rm fd 1001111
fadd.F   00000 F fs2 fs1 rm fd 1010011
fsub.F   00001 F fs2 fs1 rm fd 1010011
fmul.F   00010 F fs2 fs1 rm fd 1010011
fdiv.F   00011 F fs2 fs1 rm fd 1010011
fsqrt.F  01011 F 00000 fs1 rm fd 1010011
fsgnj.F  00100 F fs2 fs1 000 fd 1010011
fsgnjn.F 00100 F fs2 fs1 001 fd 1010011
fsgnjx.F 00100 F fs2 fs1 010 fd 1010011
fmin.F   00101 F fs2 fs1 000 fd 1010011
fmax.F   00101 F fs2 fs1 001 fd 1010011
fle.F    10100 F fs2 fs1 000 rd 1010011
flt.F    10100 F fs2 fs1 001 rd 1010011
feq.F    10100 F fs2 fs1 010 rd 1010011
fclass.F  11100 F 00000 fs1 001 rd 1010011
fcvt.w.F  11000 F 00000 fs1 rm rd 1010011
fcvt.wu.F 11000 F 00001 fs1 rm rd 1010011
fcvt.l.F  11000 F 00010 fs1 rm rd 1010011
fcvt.lu.F 11000 F 00011 fs1 rm rd 1010011
fcvt.F.w  11010 F 00000 rs1 rm fd 1010011
fcvt.F.wu 11010 F 00001 rs1 rm fd 1010011
fcvt.F.l  11010 F 00010 rs1 rm fd 1010011
fcvt.F.lu 11010 F 00011 rs1 rm fd 1010011
"""

FLOAT_BETWEEN = """
fcvt.s.d 0100000 00001 fs1 rm fd 1010011
fcvt.d.s 0100001 00000 fs1 rm fd 1010011
fcvt.s.h 0100000 00010 fs1 rm fd 1010011
fcvt.h.s 0100010 00000 fs1 rm fd 1010011
fcvt.d.h 0100001 00010 fs1 rm fd 1010011
fcvt.h.d 0100010 00001 fs1 rm fd 1010011
fmv.x.w  1110000 00000 fs1 000 rd 1010011
fmv.w.x  1111000 00000 rs1 000 fd 1010011
fmv.x.d  1110001 00000 fs1 000 rd 1010011
fmv.d.x  1111001 00000 rs1 000 fd 1010011
fmv.x.h  1110010 00000 fs1 000 rd 1010011
fmv.h.x  1111010 00000 rs1 000 fd 1010011
"""

# Zfa: not in QEMU 7.2.
FLOAT_ZFA = """
fminm.F    00101 F fs2 fs1 010 fd 1010011
fmaxm.F    00101 F fs2 fs1 011 fd 1010011
fround.F   01000 F 00100 fs1 rm fd 1010011
froundnx.F 01000 F 00101 fs1 rm fd 1010011
fleq.F     10100 F fs2 fs1 100 rd 1010011
fltq.F     10100 F fs2 fs1 101 rd 1010011
"""

FCVTMOD = "fcvtmod.w.d 1100001 01000 fs1 001 rd 1010011"

# W is the width's letter, and its three bits.
ATOMIC = """
lr.W      00010 aqrl 00000 rs1 W rd 0101111
sc.W      00011 aqrl rs2 rs1 W rd 0101111
amoswap.W 00001 aqrl rs2 rs1 W rd 0101111
amoadd.W  00000 aqrl rs2 rs1 W rd 0101111
amoxor.W  00100 aqrl rs2 rs1 W rd 0101111
amoand.W  01100 aqrl rs2 rs1 W rd 0101111
amoor.W   01000 aqrl rs2 rs1 W rd 0101111
amomin.W  10000 aqrl rs2 rs1 W rd 0101111
amomax.W  10100 aqrl rs2 rs1 W rd 0101111
amominu.W 11000 aqrl rs2 rs1 W rd 0101111
amomaxu.W 11100 aqrl rs2 rs1 W rd 0101111
"""

# rd is read, too, where there is no rs1; what must not be 0 is chosen so.
COMPRESSED = """
c.addi4spn 000 uimm[5:4|9:6|2|3] rd' 00
c.addi     000 imm[5] rd imm[4:0] 01
c.addiw    001 imm[5] rd imm[4:0] 01
c.li       010 imm[5] rd imm[4:0] 01
c.lui      011 imm[17] rd imm[16:12] 01
c.srli     100 imm[5] 00 rd' imm[4:0] 01
c.srai     100 imm[5] 01 rd' imm[4:0] 01
c.andi     100 imm[5] 10 rd' imm[4:0] 01
c.sub      100011 rd' 00 rs2' 01
c.xor      100011 rd' 01 rs2' 01
c.or       100011 rd' 10 rs2' 01
c.and      100011 rd' 11 rs2' 01
c.subw     100111 rd' 00 rs2' 01
c.addw     100111 rd' 01 rs2' 01
c.slli     000 imm[5] rd imm[4:0] 10
c.mv       1000 rd rs2 10
c.add      1001 rd rs2 10
c.nop      000 imm[5] 00000 imm[4:0] 01
"""

COMPRESSED_MEMORY = """
c.lw    010 uimm[5:3] rs1' uimm[2|6] rd' 00
c.ld    011 uimm[5:3] rs1' uimm[7:6] rd' 00
c.sw    110 uimm[5:3] rs1' uimm[2|6] rs2' 00
c.sd    111 uimm[5:3] rs1' uimm[7:6] rs2' 00
c.fld   001 uimm[5:3] rs1' uimm[7:6] fd' 00
c.fsd   101 uimm[5:3] rs1' uimm[7:6] fs2' 00
c.lwsp  010 uimm[5] rd uimm[4:2|7:6] 10
c.ldsp  011 uimm[5] rd uimm[4:3|8:6] 10
c.fldsp 001 uimm[5] fd uimm[4:3|8:6] 10
c.swsp  110 uimm[5:2|7:6] rs2 10
c.sdsp  111 uimm[5:3|8:6] rs2 10
c.fsdsp 101 uimm[5:3|8:6] fs2 10
"""

# Used one by one, by their names.
FLOW = """
auipc imm[31:12] rd 0010111
jal   imm[20|10:1|11|19:12] rd 1101111
jalr  imm[11:0] rs1 000 rd 1100111
beq   imm[12|10:5] rs2 rs1 000 imm[4:1|11] 1100011
bne   imm[12|10:5] rs2 rs1 001 imm[4:1|11] 1100011
blt   imm[12|10:5] rs2 rs1 100 imm[4:1|11] 1100011
bge   imm[12|10:5] rs2 rs1 101 imm[4:1|11] 1100011
bltu  imm[12|10:5] rs2 rs1 110 imm[4:1|11] 1100011
bgeu  imm[12|10:5] rs2 rs1 111 imm[4:1|11] 1100011
c.j    101 imm[11|4|9:8|10|6|7|3:1|5] 01
c.beqz 110 imm[8|4:3] rs1' imm[7:6|2:1|5] 01
c.bnez 111 imm[8|4:3] rs1' imm[7:6|2:1|5] 01
c.jr   1000 rs1 00000 10
c.jalr 1001 rs1 00000 10
c.addi16sp 011 imm[9] 00010 imm[4|6|8:7|5] 01
c.ebreak   1001000000000010
fence   imm[11:0] 00000 000 00000 0001111
fence.i imm[11:0] rs1 001 rd 0001111
ecall   000000000000 00000 000 00000 1110011
ebreak  000000000001 00000 000 00000 1110011
csrrw   csr rs1 001 rd 1110011
csrrs   csr rs1 010 rd 1110011
csrrc   csr rs1 011 rd 1110011
csrrwi  csr zimm 101 rd 1110011
csrrsi  csr zimm 110 rd 1110011
csrrci  csr zimm 111 rd 1110011
mret    0011000 00010 00000 000 00000 1110011
sret    0001000 00010 00000 000 00000 1110011
wfi     0001000 00101 00000 000 00000 1110011
sfence.vma 0001001 rs2 rs1 000 00000 1110011
sinval.vma 0001011 rs2 rs1 000 00000 1110011
sfence.w.inval  000110000000 00000 000 00000 1110011
sfence.inval.ir 000110000001 00000 000 00000 1110011
"""
