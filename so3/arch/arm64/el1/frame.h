// Layout of the exception frame, for C++ and for vectors.S.
#pragma once
#define FRAME_SP 248
#define FRAME_ELR 256
#define FRAME_ESR 272
#define FRAME_BYTES 288

#define FRAME_SYNC 0
#define FRAME_IRQ 1
#define FRAME_FIQ 2
#define FRAME_SERROR 3
#define FRAME_LOWER 4
