const pico = require("picocolors");

exports.red = (text) => pico.createColors(true).red(text);
