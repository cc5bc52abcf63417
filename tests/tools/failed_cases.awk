# Reads a stage's log; prints what failed in few lines: each failed Catch2 case with
# the place and the expression, and each sanitizer's summary.
#
#   22: -------------------------------------------------------------------------------
#   22: an app that scales down
#   22: -------------------------------------------------------------------------------
#   22: /src/tests/e2e/scale_test.cc:40: FAILED:
#   22:   REQUIRE( world.Differs() == "" )
{ line = $0; sub(/^[0-9]+: /, "", line) }
line ~ /^-+$/ { inside = !inside; if (inside) name = ""; next }
inside { name = name (name == "" ? "" : " / ") line; gsub(/ +/, " ", name); next }
line ~ /: FAILED:$/ { print name; print "  " line; more = 6; next }
line ~ /(SUMMARY|WARNING): [A-Za-z]*Sanitizer/ { print line; next }
more > 0 { more--; if (line == "") more = 0; else print "  " substr(line, 1, 300) }
