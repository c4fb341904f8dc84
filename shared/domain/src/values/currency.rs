//! Currencies.

use std::fmt;

use super::{Bounds, Invalid, Shape, Shaped, schema_of_shape, stored_text};

/// The codes of ISO 4217 that have minor units, from List One as published on 2026-01-01
/// (<https://www.six-group.com/en/products-services/financial-information/data-standards.html>).
/// Metals, units of account and the codes for tests and for no currency have none, so no amount
/// can be in them.
const CODES: &str = "\
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BOV BRL BSD BTN \
    BWP BYN BZD CAD CDF CHE CHF CHW CLF CLP CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD \
    EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR \
    IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD \
    MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD \
    OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE \
    SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI \
    UYU UYW UZS VED VES VND VUV WST XAD XAF XCD XCG XOF XPF YER ZAR ZMW ZWG";

/// A currency of ISO 4217.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Currency(String);

impl Currency {
    /// Accepts the code of a currency, three capital letters.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        if CODES.split(' ').any(|code| code == text) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Invalid::new("must be a currency of ISO 4217, in capital letters, such as EUR"))
        }
    }

    /// Returns a code that was stored. The code was valid when it was written, perhaps under
    /// earlier rules or an earlier list.
    pub const fn stored(code: String) -> Self {
        Self(code)
    }

    /// Returns the code.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The list changes from year to year, so the documents do not contain it.
impl Shaped for Currency {
    const SHAPE: Shape = Shape {
        name: None,
        about: "A currency of ISO 4217, such as `EUR`.",
        bounds: Bounds::Text { length: (3, 3), pattern: "^[A-Z]{3}$" },
    };
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

stored_text!(impl[] Currency);
schema_of_shape!(Currency);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_currency_is_one_of_the_list() {
        for text in ["EUR", "GBP", "JPY", "KWD", "XOF", "XCG", "CHW", "AED", "ZWG"] {
            assert_eq!(Currency::parse(text).unwrap().as_str(), text);
        }
        for text in [
            "", "EU", "EURO", "eur", "EU1", "ÉU", "€", " EUR", "AED AFN", "ZZZ", "AAA", "DEM",
            "BGN", "XAU", "XTS", "XXX",
        ] {
            assert!(Currency::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn the_list_is_whole() {
        let codes: Vec<_> = CODES.split(' ').collect();
        assert_eq!(codes.len(), 165);
        assert!(codes.is_sorted());
        assert!(codes.iter().all(|code| code.len() == 3));
    }

    #[test]
    fn a_stored_code_reads_as_it_was_written() {
        let stored: Currency = serde_json::from_value("ZZZ".into()).unwrap();
        assert_eq!(stored.as_str(), "ZZZ");
    }
}
