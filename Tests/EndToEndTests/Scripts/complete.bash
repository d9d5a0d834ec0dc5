# complete.bash SCRIPT LINE: prints what SCRIPT offers at the end of LINE.
source "$1"
read -ra COMP_WORDS <<<"$2"
[[ "$2" == *" " ]] && COMP_WORDS+=("")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_larder
printf '%s\n' "${COMPREPLY[@]}"
