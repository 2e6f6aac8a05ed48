import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;

/**
 * A department's back end in Java: login, and a form that is signed. The verification service does
 * all cryptography: what its policy accepts, this accepts. JDK only.
 *
 * <pre>java samples/java/RestBackEnd.java http://127.0.0.1:8790 https://portal.city.example 8080</pre>
 *
 * It listens on the loopback; in front of it stands the web server that speaks https and serves the
 * pages. The pages post JSON: /nonce, /login, /form, /signature. Sessions live in memory here; a
 * real back end has its own.
 */
public final class RestBackEnd {

    /** The largest signature that the service accepts, in base64, with room. */
    private static final int MAX_BODY_BYTES = 1024 * 1024;

    /** Longer than the service's own limit for an answer. */
    private static final Duration PATIENCE = Duration.ofSeconds(40);

    /** The oldest goes when there are more; a real back end has a store with an expiry. */
    private static final int MAX_SESSIONS = 10_000;

    private static final int THREADS = 16;

    private static final SecureRandom RANDOM = new SecureRandom();

    /** One browser: who logged in, and the form that waits for a signature. */
    private static final class Session {
        volatile String cid = "";
        volatile String form = "";
    }

    /** The page is told this sentence, with this status. */
    private static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;
        final int status;

        Refused(int status, String sentence) {
            super(sentence);
            this.status = status;
        }
    }

    /** What an operation answers, and the session to go on with. */
    private record Answer(Map<String, Object> body, String session) {}

    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(PATIENCE)
            .build();
    private final Map<String, Session> sessions = Collections.synchronizedMap(new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Session> eldest) {
            return size() > MAX_SESSIONS;
        }
    });
    private final String service;
    private final String origin; // from the command line, never from a request

    private RestBackEnd(String service, String origin) {
        this.service = service;
        this.origin = origin;
    }

    public static void main(String[] words) throws IOException {
        var backEnd = new RestBackEnd(words[0], words[1]);
        var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(words[2]));
        var server = HttpServer.create(address, 0);
        server.setExecutor(Executors.newFixedThreadPool(THREADS));
        server.createContext("/", backEnd::handle);
        server.start();
        System.out.println("listening on " + server.getAddress().getPort());
    }

    // What the pages may ask for.

    private Answer issueNonce(String name) throws Refused, IOException, InterruptedException {
        String session = sessions.containsKey(name) ? name : open(new Session());
        var answer = ask("/v1/nonces", Map.of("origin", origin, "session", session));
        return new Answer(Map.of("nonce", answer.get("nonce")), session);
    }

    private Answer logIn(String name, Map<String, Object> body)
            throws Refused, IOException, InterruptedException {
        var request = new LinkedHashMap<String, Object>();
        request.put("origin", origin);
        request.put("session", name);
        request.put("nonce", read(body, "nonce", String.class));
        request.put("token", read(body, "token", Map.class)); // as the page sent it: the service judges it
        var holder = require(ask("/v1/logins", request));
        var session = new Session();
        session.cid = read(holder, "cid", String.class);
        if (session.cid.isEmpty()) {
            // Later signatures are compared with it, and nothing is equal to nothing.
            throw new Refused(403, "证书里没有身份号码，您还没有登录。请换一张证书，再登录一次。");
        }
        sessions.remove(name); // its name was known before the login
        return new Answer(Map.of("name", holder.get("name")), open(session));
    }

    /** What is verified later is this copy of the form, not the page's. */
    private Answer showForm(String name) throws Refused {
        var session = loggedIn(name);
        session.form = "{\"form\":\"gs1/1\",\"tax_due\":\"12840.00\"}";
        return new Answer(Map.of("document", session.form), name);
    }

    private Answer takeSignature(String name, Map<String, Object> body)
            throws Refused, IOException, InterruptedException {
        var session = loggedIn(name);
        if (session.form.isEmpty()) {
            throw new Refused(409, "没有等待签名的表格，文件没有被接收。请先打开表格。");
        }
        var form = session.form.getBytes(StandardCharsets.UTF_8);
        var request = Map.<String, Object>of(
                "signature", read(body, "signature", String.class),
                "document", Base64.getEncoder().encodeToString(form));
        var report = ask("/v1/signatures", request);
        if (!session.cid.equals(read(require(report), "cid", String.class))) {
            throw new Refused(403, "签名的人不是登录的人，文件没有被接收。请用登录时的证书签名。");
        }
        return new Answer(Map.of("accepted", true, "digest", report.get("digest")), name);
    }

    /** Return the holder of an accepted report; or refuse with its first sentence for the person. */
    private static Map<String, Object> require(Map<String, Object> report) throws Refused {
        if (Boolean.TRUE.equals(report.get("accepted"))) {
            return Json.object(report.get("holder"));
        }
        for (Object each : (List<?>) report.get("findings")) {
            var finding = Json.object(each);
            if ("error".equals(finding.get("severity"))) {
                throw new Refused(403, (String) finding.get("sentence"));
            }
        }
        throw new Refused(502, "本网站暂时无法核对，请稍后再试。");
    }

    /** Ask the verification service. Whatever is no report is a fault on this side, not the page's. */
    private Map<String, Object> ask(String path, Map<String, Object> document)
            throws Refused, IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create(service + path))
                .timeout(PATIENCE)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(Json.write(document)))
                .build();
        var answer = client.send(request, HttpResponse.BodyHandlers.ofString());
        var body = readAnswer(answer.body());
        if (answer.statusCode() == 200) {
            return body;
        }
        // A problem (RFC 9457): the code says whose fault it is, the instance finds it in the log.
        System.err.println(body.get("code") + " " + body.get("detail") + " " + body.get("instance"));
        if ("request".equals(body.get("fault"))) {
            throw new Refused(400, "收到的信息不完整，操作没有完成。请刷新页面，再试一次。");
        }
        throw new Refused(503, "本网站暂时无法核对，操作没有完成。请稍后再试。");
    }

    /** A proxy on the way may answer in the service's place, and not in JSON. */
    private static Map<String, Object> readAnswer(String body) throws IOException {
        try {
            return Json.object(Json.read(body));
        } catch (IllegalArgumentException wrong) {
            throw new IOException("the answer is not an object of JSON", wrong);
        }
    }

    // Sessions.

    private String open(Session session) {
        var octets = new byte[32];
        RANDOM.nextBytes(octets);
        String name = Base64.getUrlEncoder().withoutPadding().encodeToString(octets);
        sessions.put(name, session);
        return name;
    }

    private Session loggedIn(String name) throws Refused {
        var session = sessions.get(name);
        if (session == null || session.cid.isEmpty()) {
            throw new Refused(403, "您还没有登录。请先登录。");
        }
        return session;
    }

    // HTTP and JSON around them.

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            try {
                var answer = carryOut(exchange, readSession(exchange));
                var kept = "session=" + answer.session() + "; Path=/; Secure; HttpOnly; SameSite=Strict";
                exchange.getResponseHeaders().set("Set-Cookie", kept);
                send(exchange, 200, answer.body());
            } catch (Refused refused) {
                send(exchange, refused.status, Map.of("error", refused.getMessage()));
            } catch (IOException unreachable) {
                System.err.println("the verification service: " + unreachable);
                send(exchange, 503, Map.of("error", "本网站暂时无法核对，操作没有完成。请稍后再试。"));
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private Answer carryOut(HttpExchange exchange, String session)
            throws Refused, IOException, InterruptedException {
        var body = readBody(exchange);
        return switch (exchange.getRequestURI().getPath()) {
            case "/nonce" -> issueNonce(session);
            case "/login" -> logIn(session, body);
            case "/form" -> showForm(session);
            case "/signature" -> takeSignature(session, body);
            default -> throw new Refused(404, "there is no such page");
        };
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

    private static <T> T read(Map<?, ?> body, String member, Class<T> kind) throws Refused {
        if (!kind.isInstance(body.get(member))) {
            throw new Refused(400, member + " is missing or of another type");
        }
        return kind.cast(body.get(member));
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
