;; One generation of Conway's Game of Life: lines of `#` (alive) and `.` (dead), all equally long.
;;
;; The host writes the grid at `input`, calls `run(length)`, and reads as many bytes
;; as the call returns at `output`. 64 KiB fit. Beyond the edges everything is dead.
(module
  (memory (export "memory") 2)
  (global $input (export "input") i32 (i32.const 0))
  (global $output (export "output") i32 (i32.const 65536))

  ;; 1 if the cell at `index` lives. An index left of a line is the newline of the line
  ;; before it, which is not alive: so the sides need no test of their own.
  (func $alive (param $index i32) (param $length i32) (result i32)
    (if (i32.ge_u (local.get $index) (local.get $length)) (then (return (i32.const 0))))
    (i32.eq
      (i32.load8_u (i32.add (global.get $input) (local.get $index)))
      (i32.const 35))) ;; '#'

  ;; The length of a line with its newline.
  (func $stride (param $length i32) (result i32)
    (local $index i32)
    (loop $search
      (if (i32.lt_u (local.get $index) (local.get $length)) (then
        (if (i32.ne
              (i32.load8_u (i32.add (global.get $input) (local.get $index)))
              (i32.const 10))
          (then
            (local.set $index (i32.add (local.get $index) (i32.const 1)))
            (br $search))))))
    (i32.add (local.get $index) (i32.const 1)))

  ;; The living among three cells side by side, `index` in the middle.
  (func $three (param $index i32) (param $length i32) (result i32)
    (i32.add
      (call $alive (local.get $index) (local.get $length))
      (i32.add
        (call $alive (i32.sub (local.get $index) (i32.const 1)) (local.get $length))
        (call $alive (i32.add (local.get $index) (i32.const 1)) (local.get $length)))))

  ;; The next state of a cell. `total` counts the cell as well: three live on, four stay as they are.
  (func $next (param $index i32) (param $stride i32) (param $length i32) (result i32)
    (local $total i32)
    (local.set $total
      (i32.add
        (call $three (local.get $index) (local.get $length))
        (i32.add
          (call $three (i32.sub (local.get $index) (local.get $stride)) (local.get $length))
          (call $three (i32.add (local.get $index) (local.get $stride)) (local.get $length)))))
    (if (i32.eq (local.get $total) (i32.const 4))
      (then (return (call $alive (local.get $index) (local.get $length)))))
    (i32.eq (local.get $total) (i32.const 3)))

  (func (export "run") (param $length i32) (result i32)
    (local $index i32) (local $stride i32) (local $byte i32)
    (local.set $stride (call $stride (local.get $length)))
    (block $done
      (loop $cells
        (br_if $done (i32.ge_u (local.get $index) (local.get $length)))
        (local.set $byte (i32.load8_u (i32.add (global.get $input) (local.get $index))))
        (if (i32.ne (local.get $byte) (i32.const 10)) (then
          (local.set $byte
            (select
              (i32.const 35) ;; '#'
              (i32.const 46) ;; '.'
              (call $next (local.get $index) (local.get $stride) (local.get $length))))))
        (i32.store8 (i32.add (global.get $output) (local.get $index)) (local.get $byte))
        (local.set $index (i32.add (local.get $index) (i32.const 1)))
        (br $cells)))
    (local.get $length)))
