"""What customers write about: six topics, their words, and the words that any of them may use.

A word may stand in two topics; then it says little, as in real mail. `nouns` fit "the …", `verbs` fit "to …",
`traits` fit "it is …".
"""

from typing import NamedTuple


class Words(NamedTuple):
    """Topic words by the place that they take in a sentence."""

    nouns: list[str]
    verbs: list[str]
    traits: list[str]


TOPICS = {
    "account": Words(
        nouns="""password login username profile account signature email verification code
            authenticator passkey captcha session avatar nickname registration membership
            credentials sign-in lockout permission identity settings preferences newsletter
            notification language timezone birthday surname household administrator delegate
            export consent cookie privacy recovery phone-number fingerprint token welcome-mail
            confirmation two-factor question dashboard guardian sub-account guest""".split(),
        verbs="""reset log-in sign-in register verify unlock deactivate delete rename recover
            authenticate confirm unsubscribe merge subscribe authorize update restore edit
            invite link disconnect transfer reactivate anonymize approve whitelist""".split(),
        traits="""locked suspended unverified expired forgotten hacked duplicated blocked
            deactivated unreachable outdated misspelled compromised private invisible hijacked
            inactive unconfirmed""".split(),
    ),
    "billing": Words(
        nouns="""invoice payment card charge bill receipt tax vat statement transaction fee
            instalment balance bank transfer direct-debit credit-note debit surcharge currency
            discount coupon refund amount paypal cheque iban accountant ledger purchase-order
            reminder due-date overdraft exchange-rate cost-centre letterhead late-fee deposit
            reimbursement authorisation reservation subscription price total wallet voucher
            remittance creditor quarter""".split(),
        verbs="""pay charge bill refund invoice deduct debit transfer reimburse credit settle
            overcharge withdraw collect reconcile authorize cancel waive round itemize
            correct dispute postpone split convert book""".split(),
        traits="""overdue unpaid double wrong declined pending paid incorrect rejected taxable
            overcharged outstanding missing unexplained higher itemized rounded
            non-refundable""".split(),
    ),
    "delivery": Words(
        nouns="""parcel courier tracking shipment delivery package driver doorstep address
            depot warehouse van postcode letterbox neighbour customs pallet pick-up-point locker
            carrier dispatch route signature order consignment truck barcode waybill doorbell
            porch concierge hub estimate freight shipping mailbox truckload gatehouse
            time-slot arrival crate label island border forwarding lorry postman loading-bay
            transit""".split(),
        verbs="""deliver ship dispatch track arrive collect redirect reroute forward unload
            receive leave drop reschedule intercept hand-over load scan sort expedite
            ring clear pick-up transport misroute""".split(),
        traits="""late lost delayed undelivered misdelivered stuck soaked dented missing
            untraceable overnight rerouted uncollected stranded crushed waiting returned
            unattended""".split(),
    ),
    "returns": Words(
        nouns="""return exchange refund replacement size colour label receipt box wrapping
            return-form warranty-card store-credit swap original-packaging tag zip seam fabric
            sleeve fitting fourteen-days withdrawal-period return-slip drop-off item goods
            gift duplicate sticker seal hem collar heel shade pattern restocking policy
            complaint buckle lining parcel garment waist sole swatch cuff""".split(),
        verbs="""return exchange swap send-back refund replace repack unwrap reject revoke try-on
            withdraw keep reseal hand-back resend change wear measure alter
            drop-off unpack fit mismatch restock""".split(),
        traits="""unworn unopened unused torn tight loose faded stained scratched unwanted
            mismatched discoloured small large ill-fitting frayed creased broken""".split(),
    ),
    "technical": Words(
        nouns="""screen battery app error firmware charger bluetooth wifi update crash sensor
            display cable button speaker microphone driver router hotspot keyboard reboot
            freeze connection camera software device adapter antenna hinge fan memory port
            backlight touchpad log message beep pixel plug-in socket motor remote thermostat
            compass vibration power-supply headset dock synchronisation lens""".split(),
        verbs="""crash freeze restart reboot install charge connect pair update load start
            overheat sync reinstall boot flash calibrate blink flicker respond
            disconnect configure downgrade vibrate buffer unplug""".split(),
        traits="""frozen blank slow unresponsive overheated offline cracked noisy defective
            incompatible corrupted dead laggy buggy broken blurry silent dim""".split(),
    ),
    "sales": Words(
        nouns="""stock catalogue quote model price offer discount brochure bundle accessory
            colour size availability sample showroom preorder wholesale quantity gift
            gift-card promotion edition range waiting-list recommendation comparison demo
            reseller launch dimension weight compatibility assembly bulk-order sale voucher
            loyalty-card spare-part variant student-rate newcomer season datasheet
            consultation upgrade competitor upholstery tender""".split(),
        verbs="""buy order purchase recommend compare reserve preorder stock quote choose
            offer try customize combine upgrade engrave restock advise consider
            visit negotiate personalize test suit""".split(),
        traits="""available cheaper sold-out compatible discounted new popular suitable
            durable lightweight washable in-stock limited affordable waterproof portable
            eco-friendly handmade""".split(),
    ),
}

# In mail of every topic: they must not tell anything.
PEOPLE = """Anna Marek Zoë José Linh Olu Sven Fatima Chloé Renée Jürgen Søren Iñaki Łukasz Đorđe
    Ayşe Siân Ελένη Дмитрий 美咲 يوسف""".split()
SHOPS = "Northgate Brightside Alder&Co Vantage Hollow-Lane Kestrel Moorland Pinewood".split()
WHENS = """yesterday today last-week on-Monday this-morning twice since-Friday two-days-ago
    in-March the-other-day tonight again""".split()
