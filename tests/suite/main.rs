//! The whole of Waybill, tested from outside.
