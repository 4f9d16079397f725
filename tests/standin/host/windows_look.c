/*
 * Loaded into Samba's rpcd_classic (LD_PRELOAD, see room.py) so that SRVSVC answers as Windows does where Samba cannot
 * be configured to:
 *
 *  - paths: Samba writes "C:" before every Unix path and ignores the drive of a path it is given. Here /srv/d/Exam is
 *    D:\Exam in both directions ([MS-SRVS] 2.2.4.24, 2.2.4.7); the letter case of a given path must be that on disk;
 *  - the type of C$, D$ and ADMIN$: Samba says plain disk, Windows says STYPE_SPECIAL ([MS-SRVS] 2.2.2.4);
 *  - SHARE_INFO_1005 ([MS-SRVS] 2.2.4.29): Samba accepts only the caching bits and forgets the rest. Here all flags are
 *    kept in the registry as "standin:flags", read back, and those with a meaning are put in force by the command
 *    set-share-flags (0x800 access-based enumeration, 0x1000 force level II oplocks, 0x8000 encrypt).
 *
 * Built with tcc and no headers: the declarations below are Samba 4.17's, checked by name before anything is touched.
 */

typedef unsigned int uint32;
typedef unsigned long size;
typedef __builtin_va_list va_list;

extern void *dlsym(void *handle, const char *name);
extern int mprotect(void *address, size length, int protection);
extern int strcmp(const char *left, const char *right);
extern int strncmp(const char *left, const char *right, size length);
extern char *strchr(const char *text, int letter);
extern int snprintf(char *buffer, size length, const char *format, ...);
extern char *program_invocation_short_name;

#define DEFAULT ((void *)0)
#define NEXT ((void *)-1l)
#define NDR_IN 0x10
#define NDR_OUT 0x20
#define CACHING 0x30
#define ENUM_ALL 15
#define GET_INFO 16
#define SET_INFO 17
#define SPECIAL 0x80000000u

/* struct ndr_interface_call and ndr_interface_table of librpc/ndr/libndr.h */
struct call {
    const char *name;
    size struct_size;
    uint32 (*push)(void *ndr, uint32 flags, const void *request);
    uint32 (*pull)(void *ndr, uint32 flags, void *request);
    void *print;
    void *pipes[4];
};
struct table {
    const char *name;
    char syntax[24];
    const char *help;
    uint32 calls_count;
    struct call *calls;
};
/* How every struct srvsvc_NetShareInfo* of levels 1, 2, 501 and 502 begins */
struct share {
    const char *name;
    uint32 type;
};
/* struct srvsvc_NetShareInfoCtr with its counted array */
struct share_list {
    uint32 level;
    struct {
        uint32 count;
        char *array;
    } *list;
};
/* struct srvsvc_NetShareEnumAll: four inputs and the number of entries come before the list that goes out */
struct enum_all {
    void *before[5];
    struct share_list *out;
};
struct get_info {
    const char *server;
    const char *share;
    uint32 level;
    struct share **out;
};
/* struct srvsvc_NetShareSetInfo, the part that is input */
struct set_info {
    const char *server;
    const char *share;
    uint32 level;
    uint32 **info;
    uint32 *parameter_error;
};

typedef char *(*print_function)(const void *context, const char *format, va_list arguments);

static int ready;
static int pending;
static uint32 pending_flags;
static char pending_share[256];
static uint32 (*pull_set_info)(void *ndr, uint32 flags, void *request);
static uint32 (*push_enum_all)(void *ndr, uint32 flags, const void *request);
static uint32 (*push_get_info)(void *ndr, uint32 flags, const void *request);

static size info_size(uint32 level)
{
    return level == 1 ? 24 : level == 2 ? 56 : level == 501 ? 32 : level == 502 ? 72 : 0;
}

static void mark_special(struct share *share)
{
    const char *name = share->name;

    if (share->type == 0 && name && (strcmp(name, "ADMIN$") == 0 || (name[0] && name[1] == '$' && !name[2]))) {
        share->type = SPECIAL;
    }
}

static uint32 show_all(void *ndr, uint32 flags, const void *raw)
{
    struct share_list *out = ((const struct enum_all *)raw)->out;
    uint32 index;

    if ((flags & NDR_OUT) && out && out->list && info_size(out->level)) {
        for (index = 0; index < out->list->count; index++) {
            mark_special((struct share *)(out->list->array + index * info_size(out->level)));
        }
    }
    return push_enum_all(ndr, flags, raw);
}

static uint32 show_one(void *ndr, uint32 flags, const void *raw)
{
    const struct get_info *request = raw;

    if ((flags & NDR_OUT) && info_size(request->level) && request->out && *request->out) {
        mark_special(*request->out);
    }
    return push_get_info(ndr, flags, raw);
}

static uint32 remember_flags(void *ndr, uint32 flags, void *raw)
{
    struct set_info *request = raw;
    uint32 result = pull_set_info(ndr, flags, raw);

    pending = 0;
    if (result == 0 && (flags & NDR_IN) && request->level == 1005 && request->info && *request->info) {
        pending_flags = **request->info;
        snprintf(pending_share, sizeof(pending_share), "%s", request->share);
        /* The name goes into a shell command between single quotes. */
        pending = !strchr(pending_share, '\'');
    }
    return result;
}

static void prepare(void)
{
    struct table *table;
    struct call *calls;

    if (ready) {
        return;
    }
    ready = 1;
    table = dlsym(DEFAULT, "ndr_table_srvsvc");
    if (!table || strcmp(table->name, "srvsvc") != 0 || table->calls_count <= SET_INFO) {
        return;
    }
    calls = table->calls;
    if (strcmp(calls[ENUM_ALL].name, "srvsvc_NetShareEnumAll") != 0
        || strcmp(calls[GET_INFO].name, "srvsvc_NetShareGetInfo") != 0
        || strcmp(calls[SET_INFO].name, "srvsvc_NetShareSetInfo") != 0
        || mprotect((void *)((size)&calls[ENUM_ALL] & ~4095ul), 8192, 3) != 0) {
        return;
    }
    push_enum_all = calls[ENUM_ALL].push;
    calls[ENUM_ALL].push = show_all;
    push_get_info = calls[GET_INFO].push;
    calls[GET_INFO].push = show_one;
    pull_set_info = calls[SET_INFO].pull;
    calls[SET_INFO].pull = remember_flags;
}

static int is_rpcd(void)
{
    return strcmp(program_invocation_short_name, "rpcd_classic") == 0;
}

/* Looked up, not linked: shells that Samba starts load this file too and have no talloc. */
static print_function print(void)
{
    static print_function found;

    if (!found) {
        found = dlsym(DEFAULT, "talloc_vasprintf");
    }
    return found;
}

static char *windows_path(const void *context, const char *format, ...)
{
    va_list arguments;
    char *result;

    __builtin_va_start(arguments, format);
    result = print()(context, format, arguments);
    __builtin_va_end(arguments);
    return result;
}

char *talloc_asprintf(const void *context, const char *format, ...)
{
    va_list arguments;
    char *result;

    if (is_rpcd()) {
        int share = strcmp(format, "C:%s") == 0;
        int file = strcmp(format, "C:%s/%s%s") == 0;

        prepare();
        if (share || file) {
            const char *path, *base = "", *stream = "";

            __builtin_va_start(arguments, format);
            path = __builtin_va_arg(arguments, const char *);
            if (file) {
                base = __builtin_va_arg(arguments, const char *);
                stream = __builtin_va_arg(arguments, const char *);
            }
            __builtin_va_end(arguments);
            if (strncmp(path, "/srv/", 5) == 0 && path[5] && (path[6] == '/' || path[6] == 0)) {
                char drive = path[5] - 'a' + 'A';
                const char *rest = path + 6;

                if (share) {
                    return windows_path(context, "%c:%s", drive, *rest ? rest : "/");
                }
                if (strcmp(base, ".") == 0) {
                    return windows_path(context, "%c:%s", drive, *rest ? rest : "/");
                }
                return windows_path(context, "%c:%s/%s%s", drive, rest, base, stream);
            }
        }
    }
    __builtin_va_start(arguments, format);
    result = print()(context, format, arguments);
    __builtin_va_end(arguments);
    return result;
}

char *valid_share_pathname(const void *context, const char *path)
{
    char *(*original)(const void *, const char *) = dlsym(NEXT, "valid_share_pathname");
    char drive = path[0] | 0x20;
    char *result, *at;
    size end;

    if (!is_rpcd() || drive < 'a' || drive > 'z' || path[1] != ':' || path[2] != '\\') {
        return original(context, path);
    }
    result = windows_path(context, "/srv/%c/%s", drive, path + 3);
    for (at = result, end = 0; *at; at++, end++) {
        if (*at == '\\') {
            *at = '/';
        }
    }
    while (end > 6 && result[end - 1] == '/') {
        result[--end] = 0;
    }
    return result;
}

int lp_csc_policy(int share)
{
    int (*original)(int) = dlsym(NEXT, "lp_csc_policy");
    int (*number)(int, const char *, const char *, int) = dlsym(DEFAULT, "lp_parm_int");
    int (*execute)(const char *, int *, char *const *) = dlsym(DEFAULT, "smbrun_no_sanitize");
    void (*become)(void) = dlsym(DEFAULT, "become_root");
    void (*unbecome)(void) = dlsym(DEFAULT, "unbecome_root");
    char command[512];

    if (!is_rpcd() || !number || !execute || !become || !unbecome) {
        return original(share);
    }
    if (pending) {
        /* _srvsvc_NetShareSetInfo asks this after it has checked the caller's rights, and agrees if we do. */
        pending = 0;
        become();
        snprintf(command, sizeof(command), "/opt/standin/standin/host/commands/set-share-flags '%s' %u",
                 pending_share, pending_flags);
        execute(command, 0, 0);
        unbecome();
        return (pending_flags & CACHING) >> 4;
    }
    return (number(share, "standin", "flags", 0) & ~CACHING) >> 4 | original(share);
}
