;; One generation of Conway's Game of Life: lines of `#` (alive) and `.` (dead), all equally long.
;;
;; The host writes the grid at `input`, calls `run(length)`, and reads as many bytes
;; as the call returns at `output`. 64 KiB fit. The grid is a torus: each edge continues
;; at the opposite one.
(module
  (memory (export "memory") 2)
  (global $input (export "input") i32 (i32.const 0))
  (global $output (export "output") i32 (i32.const 65536))

  ;; The size of the grid that `run` was called with.
  (global $width (mut i32) (i32.const 0))
  (global $height (mut i32) (i32.const 0))

  ;; A line takes one byte more than its cells: the newline.
  (func $stride (result i32)
    (i32.add (global.get $width) (i32.const 1)))

  (func $measure (param $length i32)
    (local $index i32)
    (loop $search
      (if (i32.lt_u (local.get $index) (local.get $length)) (then
        (if (i32.ne
              (i32.load8_u (i32.add (global.get $input) (local.get $index)))
              (i32.const 10))
          (then
            (local.set $index (i32.add (local.get $index) (i32.const 1)))
            (br $search))))))
    (global.set $width (local.get $index))
    ;; Rounded up: the last line may lack its newline.
    (global.set $height
      (i32.div_u
        (i32.add (local.get $length) (global.get $width))
        (call $stride))))

  ;; `position` modulo `size`, for positions from -1 on.
  (func $wrap (param $position i32) (param $size i32) (result i32)
    (i32.rem_u (i32.add (local.get $position) (local.get $size)) (local.get $size)))

  (func $alive (param $row i32) (param $column i32) (result i32)
    (i32.eq
      (i32.load8_u
        (i32.add
          (global.get $input)
          (i32.add
            (i32.mul (call $wrap (local.get $row) (global.get $height)) (call $stride))
            (call $wrap (local.get $column) (global.get $width)))))
      (i32.const 35))) ;; '#'

  ;; The living among three cells side by side, `column` in the middle.
  (func $three (param $row i32) (param $column i32) (result i32)
    (i32.add
      (call $alive (local.get $row) (local.get $column))
      (i32.add
        (call $alive (local.get $row) (i32.sub (local.get $column) (i32.const 1)))
        (call $alive (local.get $row) (i32.add (local.get $column) (i32.const 1))))))

  ;; The next state of a cell. `total` counts the cell as well: three live on, four stay as they are.
  (func $next (param $row i32) (param $column i32) (result i32)
    (local $total i32)
    (local.set $total
      (i32.add
        (call $three (local.get $row) (local.get $column))
        (i32.add
          (call $three (i32.sub (local.get $row) (i32.const 1)) (local.get $column))
          (call $three (i32.add (local.get $row) (i32.const 1)) (local.get $column)))))
    (if (i32.eq (local.get $total) (i32.const 4))
      (then (return (call $alive (local.get $row) (local.get $column)))))
    (i32.eq (local.get $total) (i32.const 3)))

  (func (export "run") (param $length i32) (result i32)
    (local $index i32) (local $byte i32)
    (call $measure (local.get $length))
    (block $done
      (loop $cells
        (br_if $done (i32.ge_u (local.get $index) (local.get $length)))
        (local.set $byte (i32.load8_u (i32.add (global.get $input) (local.get $index))))
        (if (i32.ne (local.get $byte) (i32.const 10)) (then
          (local.set $byte
            (select
              (i32.const 35) ;; '#'
              (i32.const 46) ;; '.'
              (call $next
                (i32.div_u (local.get $index) (call $stride))
                (i32.rem_u (local.get $index) (call $stride)))))))
        (i32.store8 (i32.add (global.get $output) (local.get $index)) (local.get $byte))
        (local.set $index (i32.add (local.get $index) (i32.const 1)))
        (br $cells)))
    (local.get $length)))
