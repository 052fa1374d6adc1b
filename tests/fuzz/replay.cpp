// SPDX-License-Identifier: MIT
/* Runs a fuzz target without libFuzzer: every file of the corpus, then mutants of them, the same
 * ones every time. Arguments: the corpus's folder; a number of mutants (default 2000). */
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
extern "C" [[gnu::weak]] int LLVMFuzzerInitialize(int *argc, char ***argv);

using Input = std::vector<uint8_t>;

static std::vector<Input> read_corpus(const char *folder) {
    std::vector<Input> corpus{ {} };
    std::error_code missing;
    for (const auto &entry : std::filesystem::directory_iterator(folder, missing)) {
        std::ifstream in(entry.path(), std::ios::binary);
        corpus.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    }
    return corpus;
}

// One to eight changes: a byte, a bit, a cut, a piece of noise.
static Input mutate(Input input, std::mt19937 &random) {
    for (unsigned changes = random() % 8 + 1; changes > 0; changes--) {
        size_t at = input.empty() ? 0 : random() % input.size();
        switch (random() % 4) {
        case 0:
            if (!input.empty()) input[at] = static_cast<uint8_t>(random());
            break;
        case 1:
            if (!input.empty()) input[at] ^= static_cast<uint8_t>(1u << random() % 8);
            break;
        case 2:
            if (random() % 4 == 0) input.resize(at);
            break;
        default:
            for (unsigned n = random() % 64; n > 0; n--) {
                input.insert(input.begin() + static_cast<long>(at), static_cast<uint8_t>(random()));
            }
        }
    }
    return input;
}

int main(int argc, char **argv) {
    if (argc < 2) {
        fprintf(stderr, "usage: %s corpus-folder [mutants]\n", argv[0]);
        return EXIT_FAILURE;
    }
    if (LLVMFuzzerInitialize) LLVMFuzzerInitialize(&argc, &argv);
    std::vector<Input> corpus = read_corpus(argv[1]);
    for (const Input &input : corpus) LLVMFuzzerTestOneInput(input.data(), input.size());
    std::mt19937 random(1);
    int mutants = argc > 2 ? atoi(argv[2]) : 2000;
    for (int i = 0; i < mutants; i++) {
        Input input = mutate(corpus[random() % corpus.size()], random);
        LLVMFuzzerTestOneInput(input.data(), input.size());
    }
    printf("%zu inputs, %d mutants\n", corpus.size(), mutants);
    return EXIT_SUCCESS;
}
