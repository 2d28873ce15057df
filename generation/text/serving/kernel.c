/* One pass of a GPT-2 with int8 weights over rows of tokens, whatever requests they belong to.

   kernel.py compiles this file on the machine that runs it and calls `run_pass`; a machine without a compiler, or
   without AVX-512 VNNI, does the same with PyTorch's kernels. All threads run `run_pass` together: each loop below is divided among them and
   ends when all are done. Activations are rounded to bytes row by row, so that a row's result does not depend on
   the others of its batch. Keys and values are kept as bfloat16 in blocks of 16 tokens: keys [heads, depth, 16], of
   which one multiplication takes 16 tokens, and values [heads, 16, depth]. */

#include <math.h>
#include <stdint.h>
#include <string.h>
#ifndef __AVX512VNNI__
#error the processor has no AVX-512 VNNI
#endif
#include <immintrin.h>

#define LANES 16  /* numbers in a vector */
#define VECTORS 4 /* of output features that are computed together */
#define GROUP (LANES * VECTORS)
#define TILE 6    /* rows that share the weights in registers */
#define CHUNK 48  /* rows of one thread's share of a product */
#define QUERIES 4 /* rows of one request that attend together */

typedef float floats __attribute__((vector_size(64), aligned(4)));
typedef int32_t ints __attribute__((vector_size(64), aligned(4)));
typedef uint16_t halves __attribute__((vector_size(32), aligned(2)));

/* weights [outputs / 64, inputs / 4, 4, 16, 4], outputs filled up to whole groups; `sums` of each output's weights */
struct linear {
    const int8_t *weights;
    const float *scales, *bias;
    const int32_t *sums;
    int32_t inputs, outputs;
};

struct norm {
    const float *weight, *bias;
};

struct layer {
    struct norm before_attention, before_feed_forward;
    struct linear queries_keys_values, attended, wider, narrower;
    uint16_t *keys, *values; /* [slots, heads, context / 16, depth, 16] and [slots, heads, context / 16, 16, depth] */
};

struct model {
    const float *tokens, *positions; /* embeddings */
    const struct layer *layers;
    struct norm last;
    struct linear logits;
    int32_t layer_count, heads, width, context;
    float epsilon;
};

/* `count` tokens from row `first` on, which follow `start` tokens of the same request */
struct span {
    int32_t first, count, start;
};

struct rows {
    const int32_t *tokens;       /* [row_count] */
    const struct span *spans;    /* [span_count] */
    const int32_t *blocks;       /* [span_count, context / 16]: where each block of tokens lies for the first head */
    const int32_t *wanted;       /* [wanted_count]: rows whose logits are asked for */
    float *logits;               /* [wanted_count, vocabulary] */
    float *hidden, *wide, *mixed; /* workspace of row_count times width, 4 width and width */
    uint8_t *bytes;              /* [row_count, 4 width] */
    float *scales;               /* [row_count] */
    int32_t *zeros, *owners;     /* [row_count]: the byte that means zero, and the span of each row */
    int32_t row_count, span_count, wanted_count;
};

static inline floats load(const float *from) { return *(const floats *)from; }

static inline float from_half(uint16_t half) {
    uint32_t bits = (uint32_t)half << 16;
    float number;
    memcpy(&number, &bits, 4);
    return number;
}

static inline uint16_t to_half(float number) { /* to the nearest, ties to even */
    uint32_t bits;
    memcpy(&bits, &number, 4);
    if ((bits & 0x7fffffff) > 0x7f800000) return 0x7fc0; /* not a number stays none */
    return (uint16_t)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

static inline floats load_halves(const uint16_t *from) {
    return (floats)(__builtin_convertvector(*(const halves *)from, ints) << 16);
}

/* Adds to each of 16 sums the products of its own 4 weights with the same 4 bytes. */
static inline ints dot(ints sums, const uint8_t *four, const int8_t *weights) {
    int32_t bytes;
    memcpy(&bytes, four, 4);
    return (ints)_mm512_dpbusd_epi32((__m512i)sums, _mm512_set1_epi32(bytes), _mm512_loadu_si512(weights));
}

static inline float exponential(float x) { /* within 2e-7 of it, for x up to 88 */
    x = fmaxf(x, -87.0f);
    float power = rintf(x * 1.44269504f);
    float r = x - power * 0.693359375f + power * 2.12194440e-4f;
    float sum = 1.0f / 720;
    sum = sum * r + 1.0f / 120;
    sum = sum * r + 1.0f / 24;
    sum = sum * r + 1.0f / 6;
    sum = sum * r + 0.5f;
    sum = sum * r + 1.0f;
    sum = sum * r + 1.0f;
    int32_t bits = ((int32_t)power + 127) << 23;
    float scale;
    memcpy(&scale, &bits, 4);
    return sum * scale;
}

static inline float gelu(float x) { /* GPT-2's tanh form, as x sigmoid(2u) */
    float twice = 1.5957691216f * (x + 0.044715f * x * x * x);
    return x / (1.0f + exponential(fminf(-twice, 87.0f)));
}

static void embed(const struct model *model, const struct rows *rows) {
    int width = model->width;
#pragma omp for
    for (int number = 0; number < rows->span_count; number++) {
        struct span span = rows->spans[number];
        for (int row = 0; row < span.count; row++) {
            const float *token = model->tokens + (int64_t)rows->tokens[span.first + row] * width;
            const float *place = model->positions + (int64_t)(span.start + row) * width;
            float *hidden = rows->hidden + (int64_t)(span.first + row) * width;
            for (int i = 0; i < width; i++) hidden[i] = token[i] + place[i];
            rows->owners[span.first + row] = number;
        }
    }
}

static void round_row(const float *from, int size, const struct rows *rows, int row) {
    float least = 0, most = 0;
    int32_t broken = 0;
    for (int i = 0; i < size; i++) {
        int32_t bits;
        memcpy(&bits, from + i, 4);
        broken |= (bits & 0x7f800000) == 0x7f800000;
        least = fminf(least, from[i]);
        most = fmaxf(most, from[i]);
    }
    float scale = fmaxf((most - least) / 255, 1e-20f);
    float inverse = 1 / scale, zero = rintf(-least * inverse);
    uint8_t *bytes = rows->bytes + (int64_t)row * size;
    for (int i = 0; i < size; i++) bytes[i] = (uint8_t)fminf(fmaxf(rintf(from[i] * inverse) + zero, 0), 255);
    static const uint32_t none = 0x7fc00000; /* what is no number makes none of all that follows */
    memcpy(rows->scales + row, broken ? (const void *)&none : (const void *)&scale, 4);
    rows->zeros[row] = (int32_t)zero;
}

static void round_rows(const float *from, int size, const struct rows *rows, int count) {
#pragma omp for
    for (int row = 0; row < count; row++) round_row(from + (int64_t)row * size, size, rows, row);
}

/* `mixed` takes what the bytes are made of; with `wanted`, its rows are the wanted ones. */
static void normalise(const struct model *model, struct norm norm, const struct rows *rows, const int32_t *wanted) {
    int width = model->width, count = wanted ? rows->wanted_count : rows->row_count;
#pragma omp for
    for (int row = 0; row < count; row++) {
        const float *from = rows->hidden + (int64_t)(wanted ? wanted[row] : row) * width;
        float *to = rows->mixed + (int64_t)row * width;
        float sum = 0, squares = 0;
        for (int i = 0; i < width; i++) sum += from[i];
        float mean = sum / width;
        for (int i = 0; i < width; i++) squares += (from[i] - mean) * (from[i] - mean);
        float scale = 1 / sqrtf(squares / width + model->epsilon);
        for (int i = 0; i < width; i++) to[i] = (from[i] - mean) * scale * norm.weight[i] + norm.bias[i];
        round_row(to, width, rows, row);
    }
}

enum after { STORE, ADD, GELU }; /* what becomes of a product */

static inline void finish(const struct linear *linear, int feature, ints sums, float scale, int zero, float *to,
                          enum after after) {
    ints compensated = sums - zero * *(const ints *)(linear->sums + feature);
    floats result = __builtin_convertvector(compensated, floats) * (scale * load(linear->scales + feature));
    if (linear->bias) result += load(linear->bias + feature);
    if (after == GELU)
        for (int i = 0; i < LANES; i++) result[i] = gelu(result[i]);
    int count = linear->outputs - feature;
    if (after == ADD) result += load(to); /* never the last, partial one: hidden states are whole vectors */
    if (count >= LANES) *(floats *)to = result;
    else memcpy(to, &result, count * sizeof(float));
}

/* One group of features of `count` rows, which every caller knows at compile time. */
static inline __attribute__((always_inline)) void multiply_tile(const struct linear *linear, const struct rows *rows,
                                                                int group, int row, int count, float *to,
                                                                enum after after) {
    ints sums[TILE][VECTORS] = {0};
    const int8_t *weights = linear->weights + (int64_t)group * GROUP * linear->inputs;
    const uint8_t *bytes = rows->bytes + (int64_t)row * linear->inputs;
    for (int input = 0; input < linear->inputs; input += 4, weights += 4 * GROUP)
#pragma GCC unroll 6
        for (int r = 0; r < count; r++)
#pragma GCC unroll 4
            for (int v = 0; v < VECTORS; v++)
                sums[r][v] = dot(sums[r][v], bytes + (int64_t)r * linear->inputs + input, weights + 4 * LANES * v);
#pragma GCC unroll 6
    for (int r = 0; r < count; r++)
#pragma GCC unroll 4
        for (int v = 0; v < VECTORS; v++) {
            int feature = group * GROUP + v * LANES;
            float *out = to + (int64_t)(row + r) * linear->outputs + feature;
            if (feature < linear->outputs)
                finish(linear, feature, sums[r][v], rows->scales[row + r], rows->zeros[row + r], out, after);
        }
}

static void multiply(const struct linear *linear, const struct rows *rows, int row_count, float *to,
                     enum after after) {
    int groups = (linear->outputs + GROUP - 1) / GROUP, chunks = (row_count + CHUNK - 1) / CHUNK;
#pragma omp for collapse(2)
    for (int chunk = 0; chunk < chunks; chunk++)
        for (int group = 0; group < groups; group++) {
            int end = (chunk + 1) * CHUNK < row_count ? (chunk + 1) * CHUNK : row_count;
            for (int row = chunk * CHUNK; row < end; row += TILE) switch (end - row) {
                case 1: multiply_tile(linear, rows, group, row, 1, to, after); break;
                case 2: multiply_tile(linear, rows, group, row, 2, to, after); break;
                case 3: multiply_tile(linear, rows, group, row, 3, to, after); break;
                case 4: multiply_tile(linear, rows, group, row, 4, to, after); break;
                case 5: multiply_tile(linear, rows, group, row, 5, to, after); break;
                default: multiply_tile(linear, rows, group, row, TILE, to, after);
            }
        }
}

/* Where the block with a token of a span begins among a head's keys or values. */
static inline int64_t block_of(const struct model *model, const struct rows *rows, int span, int place, int head) {
    int each = model->context / LANES;
    int64_t block = rows->blocks[(int64_t)span * each + place / LANES] + head * each;
    return block * LANES * (model->width / model->heads);
}

static void keep(const struct model *model, const struct layer *layer, const struct rows *rows) {
    int width = model->width, heads = model->heads, depth = width / heads;
#pragma omp for
    for (int row = 0; row < rows->row_count; row++) {
        int owner = rows->owners[row];
        int place = rows->spans[owner].start + row - rows->spans[owner].first;
        const float *known = rows->wide + (int64_t)row * 3 * width + width;
        for (int head = 0; head < heads; head++) {
            int64_t block = block_of(model, rows, owner, place, head);
            uint16_t *keys = layer->keys + block + place % LANES;
            uint16_t *values = layer->values + block + place % LANES * depth;
            for (int i = 0; i < depth; i++) {
                keys[i * LANES] = to_half(known[head * depth + i]);
                values[i] = to_half(known[width + head * depth + i]);
            }
        }
    }
}

/* Scores of `count` queries with the 16 keys of a block, each a vector of `scores`; fetches the `next` block. */
static inline __attribute__((always_inline)) void compare(const uint16_t *keys, const uint16_t *next,
                                                          const float *queries, int stride, int depth, int count,
                                                          float scale, float *scores, int scores_stride) {
    floats sums[QUERIES][4] = {0};
    for (int i = 0; i < depth; i += 4)
#pragma GCC unroll 4
        for (int part = 0; part < 4; part++) {
            floats key = load_halves(keys + (i + part) * LANES);
            if (part % 2 == 0) __builtin_prefetch(next + (i + part) * LANES); /* a line has two vectors */
#pragma GCC unroll 4
            for (int r = 0; r < count; r++) sums[r][part] += queries[(int64_t)r * stride + i + part] * key;
        }
#pragma GCC unroll 4
    for (int r = 0; r < count; r++)
        *(floats *)(scores + r * scores_stride) = ((sums[r][0] + sums[r][1]) + (sums[r][2] + sums[r][3])) * scale;
}

/* Makes shares that sum to 1 of the scores of the `seen` first places, and 0 of the others. */
static void soften(float *scores, int seen, int size) {
    float most = scores[0], sum = 0;
    for (int i = 0; i < seen; i++) most = fmaxf(most, scores[i]);
    for (int i = 0; i < seen; i++) {
        scores[i] = exponential(scores[i] - most);
        sum += scores[i];
    }
    for (int i = 0; i < seen; i++) scores[i] /= sum;
    for (int i = seen; i < size; i++) scores[i] = 0;
}

/* Adds `places` values, each times its share, to `vectors` vectors of what each query attends to. */
static inline __attribute__((always_inline)) void gather(const uint16_t *values, const uint16_t *next,
                                                         const float *shares, int shares_stride, int places, int depth,
                                                         int count, int vectors, float *to, int stride) {
    floats sums[QUERIES][4];
#pragma GCC unroll 4
    for (int r = 0; r < count; r++)
#pragma GCC unroll 4
        for (int v = 0; v < vectors; v++) sums[r][v] = load(to + (int64_t)r * stride + v * LANES);
    for (int place = 0; place < places; place++)
#pragma GCC unroll 4
        for (int v = 0; v < vectors; v++) {
            floats value = load_halves(values + place * depth + v * LANES);
            if (v % 2 == 0) __builtin_prefetch(next + place * depth + v * LANES);
#pragma GCC unroll 4
            for (int r = 0; r < count; r++) sums[r][v] += shares[r * shares_stride + place] * value;
        }
#pragma GCC unroll 4
    for (int r = 0; r < count; r++)
#pragma GCC unroll 4
        for (int v = 0; v < vectors; v++) *(floats *)(to + (int64_t)r * stride + v * LANES) = sums[r][v];
}

/* What `count` rows of one request, of which the first is at `place`, attend to with one head. */
static inline __attribute__((always_inline)) void attend_tile(const struct model *model, const struct layer *layer,
                                                              const struct rows *rows, int row, int place, int head,
                                                              int count) {
    int width = model->width, depth = width / model->heads, owner = rows->owners[row];
    int size = (place + count + LANES - 1) / LANES * LANES;
    const float *queries = rows->wide + (int64_t)row * 3 * width + head * depth;
    float *to = rows->mixed + (int64_t)row * width + head * depth;
    float scores[QUERIES * size] __attribute__((aligned(64)));
    for (int at = 0; at < size; at += LANES) {
        int next = at + LANES < size ? at + LANES : at;
        compare(layer->keys + block_of(model, rows, owner, at, head),
                layer->keys + block_of(model, rows, owner, next, head), queries, 3 * width, depth, count,
                1 / sqrtf(depth), scores + at, size);
    }
    for (int r = 0; r < count; r++) {
        soften(scores + r * size, place + r + 1, size);
        memset(to + (int64_t)r * width, 0, sizeof(float) * depth);
    }
    for (int at = 0; at < size; at += LANES) {
        const uint16_t *values = layer->values + block_of(model, rows, owner, at, head);
        const uint16_t *next = layer->values + block_of(model, rows, owner, at + LANES < size ? at + LANES : at, head);
        int i = 0, places = place + count - at < LANES ? place + count - at : LANES;
        for (; i + 4 * LANES <= depth; i += 4 * LANES)
            gather(values + i, next + i, scores + at, size, places, depth, count, 4, to + i, width);
        for (; i < depth; i += LANES) gather(values + i, next + i, scores + at, size, places, depth, count, 1, to + i, width);
    }
}

static void attend(const struct model *model, const struct layer *layer, const struct rows *rows) {
#pragma omp for collapse(2) schedule(dynamic)
    for (int row = 0; row < rows->row_count; row++)
        for (int head = 0; head < model->heads; head++) {
            struct span span = rows->spans[rows->owners[row]];
            int offset = row - span.first, place = span.start + offset;
            if (offset % QUERIES) continue;
            switch (span.count - offset) {
                case 1: attend_tile(model, layer, rows, row, place, head, 1); break;
                case 2: attend_tile(model, layer, rows, row, place, head, 2); break;
                case 3: attend_tile(model, layer, rows, row, place, head, 3); break;
                default: attend_tile(model, layer, rows, row, place, head, QUERIES);
            }
        }
}

/* Puts the rows' tokens through the model: their keys and values are kept, the wanted logits made. */
void run_pass(const struct model *model, const struct rows *rows, int32_t threads) {
    int count = rows->row_count, width = model->width;
#pragma omp parallel num_threads(threads)
    {
        embed(model, rows);
        for (int number = 0; number < model->layer_count; number++) {
            const struct layer *layer = model->layers + number;
            normalise(model, layer->before_attention, rows, NULL);
            multiply(&layer->queries_keys_values, rows, count, rows->wide, STORE);
            keep(model, layer, rows);
            attend(model, layer, rows);
            round_rows(rows->mixed, width, rows, count);
            multiply(&layer->attended, rows, count, rows->hidden, ADD);
            normalise(model, layer->before_feed_forward, rows, NULL);
            multiply(&layer->wider, rows, count, rows->wide, GELU);
            round_rows(rows->wide, 4 * width, rows, count);
            multiply(&layer->narrower, rows, count, rows->hidden, ADD);
        }
        normalise(model, model->last, rows, rows->wanted);
        multiply(&model->logits, rows, rows->wanted_count, rows->logits, STORE);
    }
}
