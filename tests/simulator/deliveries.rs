//! The simulator delivers as the providers do.

mod pandadoc;
mod ratepay;
mod reports;
mod switched_off;
