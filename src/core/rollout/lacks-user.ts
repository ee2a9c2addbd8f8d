/** What container runtimes say of a USER that is neither in the image's /etc/passwd nor a number. */
export const LACKS_USER =
  /no users found|no groups found|unable to find (user|group)|no matching entries in (passwd|group)/
