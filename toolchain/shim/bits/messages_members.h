// No message catalogues on the target: the members of std::messages stay declared. Without this file <locale>, which
// GCC 14 reaches from <memory>, would want glibc's <libintl.h>.
