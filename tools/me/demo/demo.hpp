// The lives of a few MEs on two smart objects of the demo's own.
#pragma once
#include "engine/options.hpp"
#include "tools/me/demo/film.hpp"
#include "tools/me/demo/stage.hpp"
#include "tools/me/verb.hpp"

namespace me::demo {

class Demo {
 public:
  Demo(const Context& context, std::filesystem::path out)
      : context_{context}, stage_{context.json}, film_{std::move(out)} {}

  // Fails when something did not come, or not in its order.
  Result<> run(const engine::Options& options, const std::filesystem::path& logs);

  const Stage& stage() const { return stage_; }
  const Film& film() const { return film_; }

 private:
  Result<> start(Place& place, engine::Options options, const char* name);
  Result<> link();
  Result<> inject_first();
  Result<> propagate();
  Result<> move();
  Result<> hunt();
  Result<> close_down();
  Result<> show_film();
  // The slot of the ME that came last.
  Result<std::uint32_t> newest(Place& place);

  const Context& context_;
  Stage stage_;
  Film film_;
  Place a_, b_;
  std::uint32_t at_a_ = 0, at_b_ = 0;  // slots of the refso3
  std::uint32_t hunter_ = 0;
  std::size_t move_ = 0;  // the scene
};

}  // namespace me::demo
