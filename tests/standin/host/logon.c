/*
 * Loaded into smbd (LD_PRELOAD, see room.py):
 *
 *  - a refused log-on is answered two seconds late, as Windows' SMB server does since Windows 11 24H2 and Server 2025
 *    (InvalidAuthenticationDelayTimeInMs). Nothing waits but the answer: not the process, no other client;
 *  - the fault "rpc" (machine.py): the pipes srvsvc and samr are refused.
 *
 * Samba's own asynchronous request is put into one that ends later. Declarations are those of Samba 4.17 and tevent 0.14.
 */

struct timeval {
    long seconds;
    long microseconds;
};

extern void *dlsym(void *handle, const char *name);
extern int strcasecmp(const char *left, const char *right);
extern int machine_refuses_rpc(void);

#define DEFAULT ((void *)0)
#define NEXT ((void *)-1l)
#define DELAY 2
#define ACCESS_DENIED 0xC0000022u
#define HERE "logon.c"

struct waiting {
    void *events;
    void *inner;
};
typedef void (*callback)(void *request);

/* Looked up, not linked: every program of the host loads this file, and most have no tevent. */
static void *(*create)(void *memory, void *state, unsigned long size, const char *type, const char *location);
static void *(*data)(void *request);
static void *(*callback_data)(void *request);
static void (*set_callback)(void *request, callback function, void *value);
static void (*done)(void *request, const char *location);
static int (*is_error)(void *request, void *state, void *error);
static void *(*wakeup)(void *memory, void *events, struct timeval at);
static struct timeval (*in_seconds)(unsigned seconds, unsigned microseconds);

static int found(void)
{
    create = dlsym(DEFAULT, "_tevent_req_create");
    data = dlsym(DEFAULT, "_tevent_req_data");
    callback_data = dlsym(DEFAULT, "_tevent_req_callback_data");
    set_callback = dlsym(DEFAULT, "tevent_req_set_callback");
    done = dlsym(DEFAULT, "_tevent_req_done");
    is_error = dlsym(DEFAULT, "tevent_req_is_error");
    wakeup = dlsym(DEFAULT, "tevent_wakeup_send");
    in_seconds = dlsym(DEFAULT, "tevent_timeval_current_ofs");
    return create && data && callback_data && set_callback && done && is_error && wakeup && in_seconds;
}

static void waited(void *request)
{
    done(callback_data(request), HERE);
}

static void checked(void *inner)
{
    void *outer = callback_data(inner);
    struct waiting *waiting = data(outer);
    unsigned long state, error;
    void *timer = is_error(inner, &state, &error) ? wakeup(waiting, waiting->events, in_seconds(DELAY, 0)) : 0;

    if (timer) {
        set_callback(timer, waited, outer);
    } else {
        done(outer, HERE);
    }
}

void *auth3_check_password_send(void *memory, void *events, void *context, const void *user)
{
    void *(*original)(void *, void *, void *, const void *) = dlsym(NEXT, "auth3_check_password_send");
    struct waiting *waiting;
    void *outer;

    if (!found()) {
        return 0;
    }
    outer = create(memory, &waiting, sizeof(*waiting), "struct waiting", HERE);
    if (outer) {
        waiting->events = events;
        waiting->inner = original(waiting, events, context, user);
        if (!waiting->inner) {
            return 0;
        }
        set_callback(waiting->inner, checked, outer);
    }
    return outer;
}

unsigned auth3_check_password_recv(void *request, void *memory, void *authoritative, void *info, void *key, void *lm_key)
{
    unsigned (*original)(void *, void *, void *, void *, void *, void *) = dlsym(NEXT, "auth3_check_password_recv");

    return original(((struct waiting *)data(request))->inner, memory, authoritative, info, key, lm_key);
}

unsigned np_open(void *memory, const char *name, void *a, void *b, void *c, void *d, void *e, void *f, void *g)
{
    unsigned (*original)(void *, const char *, void *, void *, void *, void *, void *, void *, void *) =
        dlsym(NEXT, "np_open");

    if (machine_refuses_rpc() && (strcasecmp(name, "srvsvc") == 0 || strcasecmp(name, "samr") == 0)) {
        return ACCESS_DENIED;
    }
    return original(memory, name, a, b, c, d, e, f, g);
}
