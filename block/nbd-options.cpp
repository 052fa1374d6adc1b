// SPDX-License-Identifier: MIT
/* Protocol `nbd`: its file names and options, and the name of a node.
 *
 *     nbd://host:port/export      nbd+unix:///export?socket=PATH     the NBD project's URIs
 *     nbd:host:port:exportname=x  nbd:unix:PATH:exportname=x         the older form
 *     server.type=inet,server.host=h,server.port=p,export=x          what both come down to
 *     server.type=unix,server.path=p    server.type=fd,server.str=N
 *     host=h,port=p     path=p                                       the same in short
 *
 * Spec:    the URI text of the NBD project (doc/uri.md); RFC 3986
 * Missing: TLS (nbds://, tls-creds=)
 * In gdb:  b nbd_parse_filename     b nbd_process_options */
#include <cstring>

#include "block/nbd.h"
#include "util/option.h"

static constexpr const char NBD_DEFAULT_PORT[] = "10809";
static constexpr size_t NBD_MAX_STRING = 4096; // the protocol's, of a name

// --- file names

static int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    c = static_cast<char>(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// "%2F" is a slash. A '%' that begins no such pair stands for itself.
static std::string percent_decode(const std::string &text) {
    std::string out;
    for (size_t i = 0; i < text.size(); i++) {
        int high = i + 2 < text.size() && text[i] == '%' ? hex_digit(text[i + 1]) : -1;
        int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
        if (low < 0) {
            out += text[i];
        } else {
            out += static_cast<char>(high << 4 | low);
            i += 2;
        }
    }
    return out;
}

// "host", "host:port", "[address]:port"; an empty port is the default one.
static bool split_host(const std::string &text, std::string *host, std::string *port) {
    size_t end = text.starts_with('[') ? text.find(']') : text.find(':');
    if (text.starts_with('[')) {
        if (end == std::string::npos) return false;
        *host = text.substr(1, end++ - 1);
    } else {
        *host = text.substr(0, end);
    }
    std::string rest = end < text.size() ? text.substr(end) : "";
    if (!rest.empty() && rest[0] != ':') return false;
    *port = rest.size() > 1 ? rest.substr(1) : NBD_DEFAULT_PORT;
    return !host->empty() && port->find_first_not_of("0123456789") == std::string::npos;
}

static void set_export(BlockOptions *options, const std::string &name) {
    if (!name.empty()) (*options)["export"] = name;
}

static bool parse_uri(const std::string &uri, BlockOptions *options) {
    size_t scheme = uri.find("://");
    bool is_unix = uri.starts_with("nbd+unix:");
    std::string rest = uri.substr(scheme + 3), query;
    if (size_t mark = rest.find('?'); mark != std::string::npos) {
        query = rest.substr(mark + 1);
        rest = rest.substr(0, mark);
    }
    size_t slash = rest.find('/');
    std::string authority = rest.substr(0, slash);
    if (slash != std::string::npos) set_export(options, percent_decode(rest.substr(slash + 1)));
    if (is_unix) {
        if (!authority.empty() || !query.starts_with("socket=")) return false;
        (*options)["server.type"] = "unix";
        (*options)["server.path"] = percent_decode(query.substr(strlen("socket=")));
        return true;
    }
    std::string host, port;
    if (!query.empty() || !split_host(authority, &host, &port)) return false;
    (*options)["server.type"] = "inet";
    (*options)["server.host"] = percent_decode(host);
    (*options)["server.port"] = port;
    return true;
}

// Behind "nbd:".
static bool parse_old_name(std::string text, BlockOptions *options, Error **errp) {
    static constexpr char mark[] = ":exportname=";
    if (size_t at = text.find(mark); at != std::string::npos) {
        set_export(options, text.substr(at + strlen(mark)));
        text = text.substr(0, at);
    }
    if (text.starts_with("unix:")) {
        (*options)["server.type"] = "unix";
        (*options)["server.path"] = text.substr(strlen("unix:"));
        return true;
    }
    std::string host, port;
    bool has_port = text.find(':') != std::string::npos && !text.ends_with(":");
    if (!has_port || !split_host(text, &host, &port)) {
        error_setg(errp, "error parsing address '%s'", text.c_str());
        return false;
    }
    (*options)["server.type"] = "inet";
    (*options)["server.host"] = host;
    (*options)["server.port"] = port;
    return true;
}

bool nbd_parse_filename(const char *filename, BlockOptions *options, Error **errp) {
    for (const char *name : { "host", "port", "path" }) {
        if (!options->contains(name)) continue;
        error_setg(errp, "Option '%s' cannot be used with a file name", name);
        return false;
    }
    options->erase("filename");
    if (!strstr(filename, "://")) {
        return parse_old_name(filename + strlen("nbd:"), options, errp);
    }
    if (parse_uri(filename, options)) return true;
    error_setg(errp, "No valid URL specified");
    return false;
}

// --- options

// host=, port= and path=, as server.* says it.
static bool expand_short_forms(BlockOptions *options, BlockOptions *server, Error **errp) {
    std::string host = block_options_take(options, "host");
    std::string path = block_options_take(options, "path");
    bool has_port = options->contains("port");
    std::string port = block_options_take(options, "port", NBD_DEFAULT_PORT);
    if (host.empty() && path.empty() && !has_port) return true;
    if (!server->empty()) {
        error_setg(errp, "Cannot use 'server' and path/host/port at the same time");
        return false;
    }
    if (!host.empty() && !path.empty()) {
        error_setg(errp, "path and host may not be used at the same time");
        return false;
    }
    if (!path.empty()) {
        *server = { { "type", "unix" }, { "path", path } };
        if (!has_port) return true;
        error_setg(errp, "port may not be used without host");
        return false;
    }
    if (!host.empty()) *server = { { "type", "inet" }, { "host", host }, { "port", port } };
    return true;
}

static bool take_needed(BlockOptions *server, const char *name, std::string *value, Error **errp) {
    if (!server->contains(name)) {
        error_setg(errp, "Parameter '%s' is missing", name);
        return false;
    }
    *value = block_options_take(server, name);
    return true;
}

static bool take_fd(BlockOptions *server, int *fd, Error **errp) {
    std::string text;
    uint64_t number = 0;
    if (!take_needed(server, "str", &text, errp)) return false;
    if (!parse_option_number("str", text, &number, nullptr) || number > INT32_MAX) {
        error_setg(errp, "Unable to parse FD number %s", text.c_str());
        return false;
    }
    *fd = static_cast<int>(number);
    return true;
}

static bool take_server(BlockOptions *server, NBDServer *s, Error **errp) {
    std::string type;
    if (server->empty()) {
        error_setg(errp, "NBD server address missing");
        return false;
    }
    if (!take_needed(server, "type", &type, errp)) return false;
    bool ok = false;
    if (type == "inet") {
        s->type = NBDServer::INET;
        ok = take_needed(server, "host", &s->host, errp) &&
             take_needed(server, "port", &s->port, errp);
    } else if (type == "unix") {
        s->type = NBDServer::UNIX;
        ok = take_needed(server, "path", &s->path, errp);
    } else if (type == "fd") {
        s->type = NBDServer::FD;
        ok = take_fd(server, &s->fd, errp);
    } else {
        error_setg(errp, "Parameter 'type' does not accept value '%s'", type.c_str());
    }
    if (!ok || server->empty()) return ok;
    error_setg(errp, "Parameter '%s' is unexpected", server->begin()->first.c_str());
    return false;
}

static bool take_seconds(BlockOptions *options, const char *name, uint64_t *seconds, Error **errp) {
    if (!block_options_take_number(options, name, seconds, errp)) return false;
    if (*seconds <= UINT32_MAX) return true;
    error_setg(errp, "Parameter '%s' expects uint32_t", name);
    return false;
}

bool nbd_process_options(BlockOptions *options, NBDClient *c, Error **errp) {
    BlockOptions server = block_options_extract(options, "server");
    if (!expand_short_forms(options, &server, errp)) return false;
    if (!take_server(&server, &c->server, errp)) return false;
    c->export_name = block_options_take(options, "export");
    if (c->export_name.size() > NBD_MAX_STRING) {
        error_setg(errp, "export name too long to send to server");
        return false;
    }
    return take_seconds(options, "open-timeout", &c->open_timeout, errp) &&
           take_seconds(options, "reconnect-delay", &c->reconnect_delay, errp);
}

// --- the name of a node

std::string nbd_uri(const NBDClient *c) {
    const NBDServer &s = c->server;
    if (s.type == NBDServer::FD) return "";
    if (s.type == NBDServer::UNIX) {
        std::string slash = c->export_name.empty() ? "" : "/";
        return "nbd+unix://" + slash + c->export_name + "?socket=" + s.path;
    }
    std::string host = s.host.find(':') == std::string::npos ? s.host : "[" + s.host + "]";
    std::string uri = "nbd://" + host + ":" + s.port;
    return c->export_name.empty() ? uri : uri + "/" + c->export_name;
}
