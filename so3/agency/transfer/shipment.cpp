#include "so3/agency/transfer/shipment.hpp"

#include "so3/agency/text.hpp"

namespace agency::transfer {
namespace {

void join(std::string& all, const std::string& one, const char* between) {
  if (!all.empty()) all += between;
  all += one;
}

}  // namespace

abi::Status Shipment::status() const {
  for (const auto& route : routes)
    if (route->machine.done() && route->machine.ended().how != Ended::How::arrived)
      return route->machine.ended().status;
  return abi::Status::ok;
}

std::string Shipment::failures() const {
  std::string all;
  for (const auto& route : routes)
    if (route->machine.done() && route->machine.ended().how != Ended::How::arrived)
      join(all, route->peer->name() + ' ' + route->machine.ended().why, "; ");
  return all;
}

std::string Shipment::arrivals() const {
  std::string all;
  for (const auto& route : routes)
    if (route->machine.done() && route->machine.ended().how == Ended::How::arrived)
      join(all, text("%s in slot %u", route->peer->name().c_str(), route->machine.ended().slot), ", ");
  return all;
}

}  // namespace agency::transfer
