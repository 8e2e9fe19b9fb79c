/**
 * The questions under Explore, in the order of their tabs; each is phrased as its page's title.
 * Never: a question that cannot be asked yet.
 */
export interface Question {
  key: string;
  name: string;
  title: string;
  path: string;
}

const question = (key: string, name: string, title: string): Question => ({
  key,
  name,
  title,
  path: `/explore/${key}`,
});

export const questions: Question[] = [
  question("trends", "Trends", "How does it go?"),
  question("paths", "Paths", "What did they see next?"),
  question("elements", "Elements", "What held them longer than usual?"),
  question("forms", "Forms", "What became of forms?"),
  question("sources", "Sources", "Where did they come from?"),
  question("funnels", "Funnels", "How far did they get?"),
  question("retention", "Retention", "Who came back?"),
  question("sessions", "Sessions", "What sessions were there?"),
  question("sql", "SQL", "What else?"),
];
