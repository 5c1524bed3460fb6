int no_first_comment;
