exports.react = require("react/package.json").version;
