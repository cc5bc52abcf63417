// Which of the planted bugs (planted.cmake) is switched on; 0: none.
#pragma once

namespace planted {

inline int which = 0;
inline bool On(int bug) { return which == bug; }

}  // namespace planted
