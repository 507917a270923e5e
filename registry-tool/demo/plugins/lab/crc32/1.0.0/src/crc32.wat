;; CRC-32 (IEEE 802.3) of the input, as eight hexadecimal digits and a newline.
;;
;; The host writes the input at `input`, calls `run(length)`, and reads as many bytes
;; as the call returns at `output`. One mebibyte of input fits.
(module
  (memory (export "memory") 17)
  (global (export "input") i32 (i32.const 65536))
  (global $output (export "output") i32 (i32.const 0))

  (func $crc32 (param $at i32) (param $length i32) (result i32)
    (local $crc i32) (local $end i32) (local $bit i32)
    (local.set $crc (i32.const -1))
    (local.set $end (i32.add (local.get $at) (local.get $length)))
    (block $done
      (loop $byte
        (br_if $done (i32.eq (local.get $at) (local.get $end)))
        (local.set $crc (i32.xor (local.get $crc) (i32.load8_u (local.get $at))))
        (local.set $bit (i32.const 8))
        (loop $bits
          ;; 0 - (crc & 1) is all ones exactly when the polynomial has to be subtracted.
          (local.set $crc
            (i32.xor
              (i32.shr_u (local.get $crc) (i32.const 1))
              (i32.and
                (i32.const 0xedb88320)
                (i32.sub (i32.const 0) (i32.and (local.get $crc) (i32.const 1))))))
          (local.set $bit (i32.sub (local.get $bit) (i32.const 1)))
          (br_if $bits (local.get $bit)))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $byte)))
    (i32.xor (local.get $crc) (i32.const -1)))

  ;; Writes `value` as eight hexadecimal digits, the last one first.
  (func $write_hex (param $value i32) (param $at i32)
    (local $index i32) (local $digit i32)
    (local.set $index (i32.const 8))
    (loop $digits
      (local.set $index (i32.sub (local.get $index) (i32.const 1)))
      (local.set $digit (i32.and (local.get $value) (i32.const 15)))
      (i32.store8
        (i32.add (local.get $at) (local.get $index))
        (i32.add
          (local.get $digit)
          (select
            (i32.const 87) ;; 'a' - 10
            (i32.const 48) ;; '0'
            (i32.gt_u (local.get $digit) (i32.const 9)))))
      (local.set $value (i32.shr_u (local.get $value) (i32.const 4)))
      (br_if $digits (local.get $index))))

  (func (export "run") (param $length i32) (result i32)
    (call $write_hex
      (call $crc32 (i32.const 65536) (local.get $length))
      (global.get $output))
    (i32.store8 (i32.add (global.get $output) (i32.const 8)) (i32.const 10))
    (i32.const 9)))
