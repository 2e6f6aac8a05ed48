import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertPathValidator;
import java.security.cert.CertStore;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;

/**
 * Login in the Web eID form, verified with the JDK alone: RSA and ECDSA. For signatures, ask the
 * verification service, as RestBackEnd.java does.
 *
 * <pre>java samples/java/LoginBackEnd.java https://portal.city.example city.pem city.crl 8080</pre>
 *
 * city.pem holds the authorities (the self-issued are the roots), city.crl a revocation list of each
 * in PEM, which IT replaces before it ends. It listens on the loopback; in front of it stands the
 * web server that speaks https. The page posts JSON: /nonce, then /login.
 */
public final class LoginBackEnd {

    /** The largest token with room: a certificate and a signature in base64. */
    private static final int MAX_BODY_BYTES = 64 * 1024;

    /** A person finds her card and types a PIN in this time. */
    private static final Duration NONCE_LIFE = Duration.ofMinutes(5);

    /** A server with more logins under way is being flooded; the oldest go. */
    private static final int MAX_LOGINS = 10_000;

    /** 256 bits, the least that Web eID's rule allows. */
    private static final int NONCE_OCTETS = 32;

    /** 112 bits of strength (NIST SP 800-131A). */
    private static final int MIN_RSA_BITS = 2048;

    /** Authorities between holder and root. */
    private static final int MAX_AUTHORITIES = 4;

    private static final int THREADS = 16;

    private static final String SENTENCE = "登录没有成功。请回到登录页面，再登录一次。";
    private static final Pattern FORMAT = Pattern.compile("web-eid:1\\.[0-9]{1,3}");
    private static final String CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
    private static final String ANY_USAGE = "2.5.29.37.0";
    private static final SecureRandom RANDOM = new SecureRandom();

    /** A JSON Web Algorithm (RFC 7518, 3.1) by the JDK's names; an ECDSA one has one curve. */
    private record Algorithm(String signature, String digest, String curve) {}

    private static final Map<String, Algorithm> ALGORITHMS = Map.of(
            "RS256", new Algorithm("SHA256withRSA", "SHA-256", ""),
            "RS384", new Algorithm("SHA384withRSA", "SHA-384", ""),
            "RS512", new Algorithm("SHA512withRSA", "SHA-512", ""),
            "ES256", new Algorithm("SHA256withECDSAinP1363Format", "SHA-256", "secp256r1"),
            "ES384", new Algorithm("SHA384withECDSAinP1363Format", "SHA-384", "secp384r1"),
            "ES512", new Algorithm("SHA512withECDSAinP1363Format", "SHA-512", "secp521r1"));

    /** A nonce that was given to one session. */
    private record Issued(String nonce, Instant at) {}

    /** A login that does not count; the reason is for the log, the page has one sentence. */
    private static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;
        final int status;

        Refused(int status, String reason) {
            super(reason);
            this.status = status;
        }
    }

    private final Map<String, Issued> logins = Collections.synchronizedMap(new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Issued> eldest) {
            return size() > MAX_LOGINS;
        }
    });
    private final String origin; // from the command line, never from a request
    private final Collection<X509Certificate> authorities;
    private final Path revocationLists;

    private LoginBackEnd(String origin, Path authorities, Path revocationLists)
            throws IOException, GeneralSecurityException {
        this.origin = origin;
        this.authorities = readCertificates(Files.readAllBytes(authorities));
        this.revocationLists = revocationLists;
    }

    public static void main(String[] words) throws IOException, GeneralSecurityException {
        var backEnd = new LoginBackEnd(words[0], Path.of(words[1]), Path.of(words[2]));
        var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(words[3]));
        var server = HttpServer.create(address, 0);
        server.setExecutor(Executors.newFixedThreadPool(THREADS));
        server.createContext("/", backEnd::handle);
        server.start();
        System.out.println("listening on " + server.getAddress().getPort());
    }

    // The login.

    /** Give a session a nonce; its earlier one no longer counts. */
    private String issueNonce(String session) {
        String nonce = random(Base64.getEncoder());
        logins.put(session, new Issued(nonce, Instant.now()));
        return nonce;
    }

    /** Return the common name of who logged in. The nonce is used up, whatever the outcome. */
    private String logIn(String session, Map<String, Object> body) throws Refused {
        var issued = logins.remove(session);
        if (issued == null || issued.at().plus(NONCE_LIFE).isBefore(Instant.now())) {
            throw new Refused(403, "no nonce was issued to this session, or it is too old");
        }
        var token = body.get("token") instanceof Map<?, ?> map ? map : Map.of();
        if (!FORMAT.matcher(text(token, "format")).matches()) {
            throw new Refused(403, "the token is not of the form web-eid:1.x");
        }
        var algorithm = ALGORITHMS.get(text(token, "algorithm"));
        if (algorithm == null) {
            throw new Refused(403, "the algorithm is not one that is accepted");
        }
        try {
            var certificate = readCertificate(octets(token, "unverifiedCertificate"));
            requireKey(certificate.getPublicKey(), algorithm);
            requireSigned(certificate.getPublicKey(), algorithm, octets(token, "signature"), issued.nonce());
            requireUsage(certificate);
            requireTrusted(certificate);
            return commonName(certificate);
        } catch (GeneralSecurityException wrong) {
            throw new Refused(403, wrong.getClass().getSimpleName() + ": " + wrong.getMessage());
        }
    }

    /** The algorithm is the token's word; the key decides whether it can be. */
    private static void requireKey(PublicKey key, Algorithm algorithm)
            throws Refused, GeneralSecurityException {
        boolean suits = false;
        if (key instanceof RSAPublicKey rsa) {
            suits = algorithm.curve().isEmpty() && rsa.getModulus().bitLength() >= MIN_RSA_BITS;
        } else if (key instanceof ECPublicKey ec && !algorithm.curve().isEmpty()) {
            var parameters = AlgorithmParameters.getInstance("EC");
            parameters.init(new ECGenParameterSpec(algorithm.curve()));
            var curve = parameters.getParameterSpec(ECParameterSpec.class);
            suits = curve.getCurve().equals(ec.getParams().getCurve())
                    && curve.getGenerator().equals(ec.getParams().getGenerator());
        }
        if (!suits) {
            throw new Refused(403, "the algorithm does not fit the key");
        }
    }

    /** The signature is over H(origin) || H(nonce): for this site, for this login. */
    private void requireSigned(PublicKey key, Algorithm algorithm, byte[] signature, String nonce)
            throws Refused, GeneralSecurityException {
        var digest = MessageDigest.getInstance(algorithm.digest());
        var verifier = Signature.getInstance(algorithm.signature());
        verifier.initVerify(key);
        verifier.update(digest.digest(origin.getBytes(StandardCharsets.UTF_8)));
        verifier.update(digest.digest(nonce.getBytes(StandardCharsets.UTF_8)));
        if (!verifier.verify(signature)) {
            throw new Refused(403, "the signature is not over this origin and this nonce");
        }
    }

    private static void requireUsage(X509Certificate certificate)
            throws Refused, GeneralSecurityException {
        var usage = certificate.getKeyUsage();
        var extended = certificate.getExtendedKeyUsage();
        boolean forLogin = extended == null || extended.contains(CLIENT_AUTH) || extended.contains(ANY_USAGE);
        if (usage == null || !usage[0] || !forLogin || certificate.getBasicConstraints() >= 0) {
            throw new Refused(403, "the certificate is not meant for a login");
        }
    }

    /** A chain to a root, valid now, and none of it revoked. Nothing here asks the network. */
    private void requireTrusted(X509Certificate certificate) throws Refused, GeneralSecurityException {
        Set<TrustAnchor> roots = authorities.stream()
                .filter(each -> each.getIssuerX500Principal().equals(each.getSubjectX500Principal()))
                .map(each -> new TrustAnchor(each, null))
                .collect(Collectors.toSet());
        var selector = new X509CertSelector();
        selector.setCertificate(certificate);
        var parameters = new PKIXBuilderParameters(roots, selector);
        var known = new ArrayList<Object>(authorities);
        known.add(certificate);
        known.addAll(readRevocationLists());
        parameters.addCertStore(CertStore.getInstance("Collection", new CollectionCertStoreParameters(known)));
        parameters.setMaxPathLength(MAX_AUTHORITIES);
        // First a chain, then its revocation: in one step the JDK would not say which was missing.
        parameters.setRevocationEnabled(false);
        var chain = CertPathBuilder.getInstance("PKIX").build(parameters).getCertPath();
        parameters.setRevocationEnabled(true);
        CertPathValidator.getInstance("PKIX").validate(chain, parameters);
    }

    private Collection<?> readRevocationLists() throws Refused, GeneralSecurityException {
        try (var file = Files.newInputStream(revocationLists)) {
            return CertificateFactory.getInstance("X.509").generateCRLs(file);
        } catch (IOException missing) {
            throw new Refused(503, "the revocation lists cannot be read");
        }
    }

    private static X509Certificate readCertificate(byte[] der) throws Refused, GeneralSecurityException {
        var found = readCertificates(der);
        if (found.size() != 1) {
            throw new Refused(403, "not one certificate");
        }
        return found.iterator().next();
    }

    private static Collection<X509Certificate> readCertificates(byte[] octets)
            throws GeneralSecurityException {
        var factory = CertificateFactory.getInstance("X.509");
        return factory.generateCertificates(new ByteArrayInputStream(octets)).stream()
                .map(X509Certificate.class::cast)
                .toList();
    }

    private static String commonName(X509Certificate certificate) throws Refused {
        try {
            for (var part : new LdapName(certificate.getSubjectX500Principal().getName()).getRdns()) {
                if (part.getType().equalsIgnoreCase("CN") && part.getValue() instanceof String name) {
                    return name;
                }
            }
        } catch (InvalidNameException unreadable) {
            throw new Refused(403, "the subject cannot be read");
        }
        throw new Refused(403, "the subject has no common name");
    }

    private static String text(Map<?, ?> token, String member) throws Refused {
        if (token.get(member) instanceof String text) {
            return text;
        }
        throw new Refused(403, member + " is missing");
    }

    private static byte[] octets(Map<?, ?> token, String member) throws Refused {
        try {
            return Base64.getDecoder().decode(text(token, member));
        } catch (IllegalArgumentException junk) {
            throw new Refused(403, member + " is not base64");
        }
    }

    private static String random(Base64.Encoder encoder) {
        var octets = new byte[NONCE_OCTETS];
        RANDOM.nextBytes(octets);
        return encoder.encodeToString(octets);
    }

    // HTTP and JSON around it.

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            try {
                answer(exchange, readSession(exchange), readBody(exchange));
            } catch (Refused refused) {
                System.err.println(refused.getMessage());
                send(exchange, refused.status, Map.of("error", SENTENCE));
            }
        }
    }

    private void answer(HttpExchange exchange, String session, Map<String, Object> body)
            throws Refused, IOException {
        switch (exchange.getRequestURI().getPath()) {
            case "/nonce" -> {
                String fresh = random(Base64.getUrlEncoder().withoutPadding());
                keep(exchange, fresh);
                send(exchange, 200, Map.of("nonce", issueNonce(fresh)));
            }
            case "/login" -> {
                String name = logIn(session, body);
                // Here a real back end opens its own session, with a new name, for this person.
                send(exchange, 200, Map.of("name", name));
            }
            default -> throw new Refused(404, "there is no such page");
        }
    }

    private static void keep(HttpExchange exchange, String session) {
        var kept = "session=" + session + "; Path=/; Secure; HttpOnly; SameSite=Strict";
        exchange.getResponseHeaders().set("Set-Cookie", kept);
    }

    private static String readSession(HttpExchange exchange) {
        for (String line : exchange.getRequestHeaders().getOrDefault("Cookie", List.of())) {
            for (String part : line.split("; *")) {
                if (part.startsWith("session=")) {
                    return part.substring("session=".length());
                }
            }
        }
        return "";
    }

    private static Map<String, Object> readBody(HttpExchange exchange) throws Refused, IOException {
        // A form of another site cannot have this type, so no page of another site gets in.
        if (!"application/json".equals(exchange.getRequestHeaders().getFirst("Content-Type"))) {
            throw new Refused(415, "the body has to be application/json");
        }
        var octets = exchange.getRequestBody().readNBytes(MAX_BODY_BYTES + 1);
        if (octets.length > MAX_BODY_BYTES) {
            throw new Refused(413, "the body is too large");
        }
        try {
            var text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(octets)).toString();
            return Json.object(Json.read(text));
        } catch (CharacterCodingException | IllegalArgumentException wrong) {
            throw new Refused(400, "the body is not an object of JSON");
        }
    }

    private static void send(HttpExchange exchange, int status, Map<String, Object> answer)
            throws IOException {
        var octets = Json.write(answer).getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.getResponseHeaders().set("Cache-Control", "no-store");
        exchange.sendResponseHeaders(status, octets.length);
        exchange.getResponseBody().write(octets);
    }

    /** JSON (RFC 8259), as much as a back end needs; a library of yours does as well. */
    private static final class Json {
        private static final int MAX_DEPTH = 32;
        private static final int MAX_NUMBER_CHARS = 32;
        private final String text;
        private int at;

        private Json(String text) {
            this.text = text;
        }

        /** @throws IllegalArgumentException it is not one JSON document */
        static Object read(String text) {
            var json = new Json(text);
            var value = json.value(0);
            json.skip();
            if (json.at < text.length()) {
                throw new IllegalArgumentException("more than one document");
            }
            return value;
        }

        @SuppressWarnings("unchecked")
        static Map<String, Object> object(Object value) {
            if (value instanceof Map<?, ?> map) {
                return (Map<String, Object>) map; // every key that read() makes is a string
            }
            throw new IllegalArgumentException("not an object");
        }

        static String write(Object value) {
            if (value instanceof Map<?, ?> map) {
                var members = new ArrayList<String>();
                map.forEach((name, member) -> members.add(write(name) + ":" + write(member)));
                return "{" + String.join(",", members) + "}";
            }
            if (value instanceof List<?> list) {
                return "[" + String.join(",", list.stream().map(Json::write).toList()) + "]";
            }
            return value instanceof String string ? quote(string) : String.valueOf(value);
        }

        private static String quote(String string) {
            var quoted = new StringBuilder("\"");
            for (char each : string.toCharArray()) {
                if (each < ' ' || each == '"' || each == '\\' || Character.isSurrogate(each)) {
                    quoted.append(String.format("\\u%04x", (int) each));
                } else {
                    quoted.append(each);
                }
            }
            return quoted.append('"').toString();
        }

        private Object value(int depth) {
            if (depth > MAX_DEPTH) {
                throw new IllegalArgumentException("nested too deep");
            }
            skip();
            return switch (peek()) {
                case '{' -> members(depth);
                case '[' -> items(depth);
                case '"' -> string();
                default -> word();
            };
        }

        private Map<String, Object> members(int depth) {
            var members = new LinkedHashMap<String, Object>();
            for (boolean more = open('}'); more; more = goesOn('}')) {
                skip();
                String name = string();
                skip();
                take(':');
                if (members.containsKey(name)) {
                    throw new IllegalArgumentException("a name stands twice");
                }
                members.put(name, value(depth + 1));
            }
            return members;
        }

        private List<Object> items(int depth) {
            var items = new ArrayList<Object>();
            for (boolean more = open(']'); more; more = goesOn(']')) {
                items.add(value(depth + 1));
            }
            return items;
        }

        private boolean open(char end) {
            at++;
            skip();
            if (peek() != end) {
                return true;
            }
            at++;
            return false;
        }

        private boolean goesOn(char end) {
            skip();
            char next = peek();
            if (next != ',' && next != end) {
                throw new IllegalArgumentException("neither a comma nor an end");
            }
            at++;
            return next == ',';
        }

        private String string() {
            take('"');
            var string = new StringBuilder();
            while (peek() != '"') {
                char each = text.charAt(at++);
                if (each < ' ') {
                    throw new IllegalArgumentException("a bare control character");
                }
                string.append(each == '\\' ? escaped() : each);
            }
            at++;
            return string.toString();
        }

        private char escaped() {
            char kind = peek();
            at++;
            int plain = "\"\\/bfnrt".indexOf(kind);
            if (plain >= 0) {
                return "\"\\/\b\f\n\r\t".charAt(plain);
            }
            if (kind != 'u' || at + 4 > text.length()) {
                throw new IllegalArgumentException("an unknown escape");
            }
            at += 4;
            return (char) HexFormat.fromHexDigits(text, at - 4, at);
        }

        private Object word() {
            int start = at;
            while (at < text.length() && ",]} \t\r\n".indexOf(text.charAt(at)) < 0) {
                at++;
            }
            String word = text.substring(start, at);
            if (word.length() > MAX_NUMBER_CHARS) {
                throw new IllegalArgumentException("a number is too long");
            }
            return switch (word) {
                case "true" -> Boolean.TRUE;
                case "false" -> Boolean.FALSE;
                case "null" -> null;
                default -> new BigDecimal(word);
            };
        }

        private void take(char expected) {
            if (peek() != expected) {
                throw new IllegalArgumentException("not what JSON has here");
            }
            at++;
        }

        private char peek() {
            if (at >= text.length()) {
                throw new IllegalArgumentException("the text ends early");
            }
            return text.charAt(at);
        }

        private void skip() {
            while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
                at++;
            }
        }
    }
}
