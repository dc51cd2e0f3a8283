/* SPDX-License-Identifier: MIT
 *
 * apps/chat/irc/numeric.h - the numbered replies, in one table.
 *
 * In a format, '%' takes the next argument and '$' too: '%' in front of the
 * ':' makes one word of it ("*" if empty), '$' puts it as it is. */
#ifndef MIO_APPS_CHAT_IRC_NUMERIC_H
#define MIO_APPS_CHAT_IRC_NUMERIC_H

#include "apps/chat/irc/span.h"
#include "apps/chat/irc/writer.h"

/* clang-format off */
#define IRC_NUMERICS(X)                                                        \
    X(RPL_WELCOME, 1, ":Welcome to the % Network, %!%@%")                      \
    X(RPL_YOURHOST, 2, ":Your host is %, running version %")                   \
    X(RPL_CREATED, 3, ":This server was created %")                            \
    X(RPL_MYINFO, 4, "% % % % %")                                              \
    X(RPL_ISUPPORT, 5, "$ :are supported by this server")                      \
    X(RPL_STATSCOMMANDS, 212, "% %")                                           \
    X(RPL_ENDOFSTATS, 219, "% :End of STATS report")                           \
    X(RPL_UMODEIS, 221, "%")                                                   \
    X(RPL_STATSUPTIME, 242, ":Server Up % seconds")                            \
    X(RPL_STATSDEBUG, 249, "% :%")                                             \
    X(RPL_LUSERCLIENT, 251,                                                    \
      ":There are % users and % invisible on % servers")                       \
    X(RPL_LUSEROP, 252, "% :operator(s) online")                               \
    X(RPL_LUSERUNKNOWN, 253, "% :unknown connection(s)")                       \
    X(RPL_LUSERCHANNELS, 254, "% :channels formed")                            \
    X(RPL_LUSERME, 255, ":I have % clients and % servers")                     \
    X(RPL_ADMINME, 256, "% :Administrative info")                              \
    X(RPL_ADMINLOC1, 257, ":%")                                                \
    X(RPL_ADMINLOC2, 258, ":%")                                                \
    X(RPL_ADMINEMAIL, 259, ":%")                                               \
    X(RPL_TRYAGAIN, 263, "% :Please wait a while and try again.")              \
    X(RPL_LOCALUSERS, 265, "% % :Current local users %, max %")                \
    X(RPL_GLOBALUSERS, 266, "% % :Current global users %, max %")              \
    X(RPL_AWAY, 301, "% :%")                                                   \
    X(RPL_USERHOST, 302, ":%")                                                 \
    X(RPL_ISON, 303, ":%")                                                     \
    X(RPL_UNAWAY, 305, ":You are no longer marked as being away")              \
    X(RPL_NOWAWAY, 306, ":You have been marked as being away")                 \
    X(RPL_WHOISUSER, 311, "% % % * :%")                                        \
    X(RPL_WHOISSERVER, 312, "% % :%")                                          \
    X(RPL_WHOISOPERATOR, 313, "% :is an IRC operator")                         \
    X(RPL_WHOWASUSER, 314, "% % % * :%")                                       \
    X(RPL_ENDOFWHO, 315, "% :End of WHO list")                                 \
    X(RPL_WHOISIDLE, 317, "% % % :seconds idle, signon time")                  \
    X(RPL_ENDOFWHOIS, 318, "$ :End of /WHOIS list")                            \
    X(RPL_WHOISCHANNELS, 319, "% :%")                                          \
    X(RPL_LISTSTART, 321, "Channel :Users  Name")                              \
    X(RPL_LIST, 322, "% % :%")                                                 \
    X(RPL_LISTEND, 323, ":End of /LIST")                                       \
    X(RPL_CHANNELMODEIS, 324, "% $")                                           \
    X(RPL_CREATIONTIME, 329, "% %")                                            \
    X(RPL_WHOISACCOUNT, 330, "% % :is logged in as")                           \
    X(RPL_NOTOPIC, 331, "% :No topic is set")                                  \
    X(RPL_TOPIC, 332, "% :%")                                                  \
    X(RPL_TOPICWHOTIME, 333, "% % %")                                          \
    X(RPL_INVITELIST, 336, "%")                                                \
    X(RPL_ENDOFINVITELIST, 337, ":End of /INVITE list")                        \
    X(RPL_WHOISACTUALLY, 338, "% % :is actually using host")                   \
    X(RPL_INVITING, 341, "% %")                                                \
    X(RPL_VERSION, 351, "% % :%")                                              \
    X(RPL_WHOREPLY, 352, "% % % % % % :% %")                                   \
    X(RPL_NAMREPLY, 353, "% % :%")                                             \
    X(RPL_WHOSPCRPL, 354, "$")                                                 \
    X(RPL_LINKS, 364, "% % :% %")                                              \
    X(RPL_ENDOFLINKS, 365, "% :End of /LINKS list")                            \
    X(RPL_ENDOFNAMES, 366, "% :End of /NAMES list")                            \
    X(RPL_BANLIST, 367, "% % % %")                                             \
    X(RPL_ENDOFBANLIST, 368, "% :End of channel ban list")                     \
    X(RPL_ENDOFWHOWAS, 369, "% :End of WHOWAS")                                \
    X(RPL_INFO, 371, ":%")                                                     \
    X(RPL_MOTD, 372, ":- %")                                                   \
    X(RPL_ENDOFINFO, 374, ":End of INFO list")                                 \
    X(RPL_MOTDSTART, 375, ":- % Message of the day -")                         \
    X(RPL_ENDOFMOTD, 376, ":End of /MOTD command.")                            \
    X(RPL_WHOISHOST, 378, "% :is connecting from %@% %")                       \
    X(RPL_WHOISMODES, 379, "% :is using modes %")                              \
    X(RPL_YOUREOPER, 381, ":You are now an IRC operator")                      \
    X(RPL_TIME, 391, "% :%")                                                   \
    X(ERR_UNKNOWNERROR, 400, "% :%")                                           \
    X(ERR_NOSUCHNICK, 401, "% :No such nick/channel")                          \
    X(ERR_NOSUCHSERVER, 402, "% :No such server")                              \
    X(ERR_NOSUCHCHANNEL, 403, "% :No such channel")                            \
    X(ERR_CANNOTSENDTOCHAN, 404, "% :Cannot send to channel")                  \
    X(ERR_TOOMANYCHANNELS, 405, "% :You have joined too many channels")        \
    X(ERR_WASNOSUCHNICK, 406, "% :There was no such nickname")                 \
    X(ERR_TOOMANYTARGETS, 407, "% :Too many targets")                          \
    X(ERR_NOORIGIN, 409, ":No origin specified")                               \
    X(ERR_INVALIDCAPCMD, 410, "% :Invalid CAP command")                        \
    X(ERR_NORECIPIENT, 411, ":No recipient given (%)")                         \
    X(ERR_NOTEXTTOSEND, 412, ":No text to send")                               \
    X(ERR_INPUTTOOLONG, 417, ":Input line was too long")                       \
    X(ERR_UNKNOWNCOMMAND, 421, "% :Unknown command")                           \
    X(ERR_NOMOTD, 422, ":MOTD File is missing")                                \
    X(ERR_NOADMININFO, 423, "% :No administrative info available")             \
    X(ERR_NONICKNAMEGIVEN, 431, ":No nickname given")                          \
    X(ERR_ERRONEUSNICKNAME, 432, "% :Erroneous nickname")                      \
    X(ERR_NICKNAMEINUSE, 433, "% :Nickname is already in use")                 \
    X(ERR_USERNOTINCHANNEL, 441, "% % :They aren't on that channel")           \
    X(ERR_NOTONCHANNEL, 442, "% :You're not on that channel")                  \
    X(ERR_USERONCHANNEL, 443, "% % :is already on channel")                    \
    X(ERR_NOTREGISTERED, 451, ":You have not registered")                      \
    X(ERR_NEEDMOREPARAMS, 461, "% :Not enough parameters")                     \
    X(ERR_ALREADYREGISTERED, 462, ":You may not reregister")                   \
    X(ERR_PASSWDMISMATCH, 464, ":Password incorrect")                          \
    X(ERR_YOUREBANNEDCREEP, 465, ":You are banned from this server.")          \
    X(ERR_INVALIDUSERNAME, 468, ":Your username is not valid")                 \
    X(ERR_CHANNELISFULL, 471, "% :Cannot join channel (+l)")                   \
    X(ERR_UNKNOWNMODE, 472, "% :is unknown mode char to me")                   \
    X(ERR_INVITEONLYCHAN, 473, "% :Cannot join channel (+i)")                  \
    X(ERR_BANNEDFROMCHAN, 474, "% :Cannot join channel (+b)")                  \
    X(ERR_BADCHANNELKEY, 475, "% :Cannot join channel (+k)")                   \
    X(ERR_BADCHANMASK, 476, "% :Bad Channel Mask")                             \
    X(ERR_BANLISTFULL, 478, "% % :Channel list is full")                       \
    X(ERR_NOPRIVILEGES, 481,                                                   \
      ":Permission Denied- You're not an IRC operator")                        \
    X(ERR_CHANOPRIVSNEEDED, 482, "% :You're not channel operator")             \
    X(ERR_CANTKILLSERVER, 483, ":You can't kill a server!")                    \
    X(ERR_NOOPERHOST, 491, ":No O-lines for your host")                        \
    X(ERR_UMODEUNKNOWNFLAG, 501, ":Unknown MODE flag")                         \
    X(ERR_USERSDONTMATCH, 502, ":Cant change mode for other users")            \
    X(ERR_HELPNOTFOUND, 524, "% :No help available on this topic")             \
    X(ERR_INVALIDKEY, 525, "% :Key is not well-formed")                        \
    X(ERR_INVALIDMODEPARAM, 696, "% % % :%")                                   \
    X(RPL_HELPSTART, 704, "% :%")                                              \
    X(RPL_HELPTXT, 705, "% :%")                                                \
    X(RPL_ENDOFHELP, 706, "% :%")                                              \
    X(RPL_MONONLINE, 730, ":%")                                                \
    X(RPL_MONOFFLINE, 731, ":%")                                               \
    X(RPL_MONLIST, 732, ":%")                                                  \
    X(RPL_ENDOFMONLIST, 733, ":End of MONITOR list")                           \
    X(ERR_MONLISTFULL, 734, "% % :Monitor list is full.")
/* clang-format on */

enum irc_numeric {
#define X(name, number, format) IRC_##name = (number),
    IRC_NUMERICS(X)
#undef X
};

/** Arguments of a numeric, for irc_numeric_put(): IRC_ARGS(channel, topic). */
#define IRC_ARGS(...)                                                          \
    (const struct irc_span[]){__VA_ARGS__},                                    \
        (sizeof((const struct irc_span[]){__VA_ARGS__}) /                      \
         sizeof(struct irc_span))
#define IRC_NO_ARGS NULL, (size_t)0

/** Append ":server NNN client " and the reply's text. `client` may be empty:
 *  "*", one that has no nick yet. The number of arguments must be that of the
 *  format. */
void irc_numeric_put(struct irc_writer *out, struct irc_span server,
                     struct irc_span client, enum irc_numeric numeric,
                     const struct irc_span *args, size_t args_count);

/** Append only ":server NNN client ", for replies that are filled up word by
 *  word. */
void irc_numeric_begin(struct irc_writer *out, struct irc_span server,
                       struct irc_span client, enum irc_numeric numeric);

/** The format of a numeric; NULL for a number that is not in the table. */
const char *irc_numeric_format(unsigned number);

/** Append `text` so that it stays one word: "*" if empty, no ':' in front, cut
 *  at the first space. */
void irc_put_word(struct irc_writer *out, struct irc_span text);

#endif /* MIO_APPS_CHAT_IRC_NUMERIC_H */
