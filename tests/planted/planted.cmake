#The catalog with bugs planted in it, for the search to find : copies of its files
#in which one expression can be switched from right to wrong(planted.h).Should a
#line to change be there no more, configuring fails.
set(planted_sources)
file(GLOB planted_originals CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/dispatcher/catalog/*.cc)

# plant(NUMBER FILE RIGHT WRONG): in FILE the expression RIGHT becomes WRONG while
# bug NUMBER is switched on.
function(plant number file right wrong)
  set(copy ${CMAKE_CURRENT_BINARY_DIR}/planted/${file})
  set(original ${CMAKE_SOURCE_DIR}/dispatcher/catalog/${file})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${original})
  get_property(text GLOBAL PROPERTY planted_${file})
  if(NOT text)
    file(READ ${original} text)
    string(PREPEND text "#include \"tests/planted/planted.h\"\n")
  endif()
  string(FIND "${text}" "${right}" at)
  if(at EQUAL -1)
    message(FATAL_ERROR "tests/planted: ${file} has no \"${right}\" any more: plant bug ${number} elsewhere")
  endif()
  string(REPLACE "${right}" "(planted::On(${number}) ? (${wrong}) : (${right}))" text "${text}")
  set_property(GLOBAL PROPERTY planted_${file} "${text}")
  file(CONFIGURE OUTPUT ${copy} CONTENT "${text}" @ONLY)
endfunction()

plant(1 merge.cc "LifeRank(life) <= LifeRank(facts.life)" "life == facts.life")
plant(2 app_reads.cc "facts.last_seq > mark.begun_after || facts.life == Life::kTerminal"
      "facts.life == Life::kTerminal")
plant(3 catalog.cc "mark.leader == leader" "true")
plant(4 merge.cc "!returns || begun_after < facts.life_seq" "!returns")
plant(5 address_book.cc "holder.running_at < claimant.running_at" "holder.running_at > claimant.running_at")
plant(6 app.cc "task.facts.version_at < facts_.terminated_at" "true")

foreach(original ${planted_originals})
  get_filename_component(file ${original} NAME)
  get_property(text GLOBAL PROPERTY planted_${file})
  if(text)
    list(APPEND planted_sources ${CMAKE_CURRENT_BINARY_DIR}/planted/${file})
  else()
    list(APPEND planted_sources ${original})
  endif()
endforeach()

# In the program itself, so that they come before those of the library.
add_library(catalog_planted OBJECT ${planted_sources})
target_link_libraries(catalog_planted PRIVATE model)
suite(planted DEPS schedule LABELS property TIMEOUT 300)
target_sources(test_planted PRIVATE $<TARGET_OBJECTS:catalog_planted>)
