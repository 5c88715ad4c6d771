#!/usr/bin/awk -f
# A terminal's text as an SVG picture:  ./me demo | docs/terminal-svg.awk > docs/demo.svg
function escape(s) { gsub(/&/, "\\&amp;", s); gsub(/</, "\\&lt;", s); gsub(/>/, "\\&gt;", s); return s }
function colour(word) {
  if (word == "callback") return "#7cc7ff"
  if (word == "state") return "#7ee787"
  if (word == "log") return "#e3b341"
  if (word == "vbstore") return "#d2a8ff"
  return "#8b949e"
}
{ line[NR] = $0; if (length($0) > widest) widest = length($0) }
END {
  width = (widest + 4) * 8.4; height = (NR + 3) * 20
  printf "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"monospace\" font-size=\"14\">\n", width, height
  printf "<rect width=\"100%%\" height=\"100%%\" rx=\"8\" fill=\"#0d1117\"/>\n"
  printf "<text x=\"16\" y=\"30\" fill=\"#f0f6fc\" xml:space=\"preserve\">$ ./me demo</text>\n"
  for (i = 1; i <= NR; i++) {
    word = line[i]; sub(/^ */, "", word); sub(/ .*/, "", word)
    rest = line[i]; sub(/^ *[^ ]+/, "", rest)
    printf "<text x=\"16\" y=\"%d\" xml:space=\"preserve\" fill=\"#c9d1d9\">  <tspan fill=\"%s\">%s</tspan>%s</text>\n", 34 + i * 20, colour(word), escape(word), escape(rest)
  }
  print "</svg>"
}
