// Device trees of MEs, as dtc would write them.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

struct MeNode {
  std::vector<std::uint64_t> spid{0x0010000000000001};
  std::vector<std::uint64_t> spadcaps{0};
  std::string name = "SOO.refso3";
  std::string description = "for tests";
  bool cooperate = false;
  std::vector<std::string> frontends{};
};

// At a multiple of 8, and where this process's kernel finds its own tree (SharedPage::dtb_ipa).
class MeTreeBlob {
 public:
  explicit MeTreeBlob(const MeNode& node);
  void publish() const;

 private:
  std::vector<std::uint64_t> words_;
  std::size_t size_ = 0;
};
