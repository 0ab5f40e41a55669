// Adds up the shares of a contract, with types that are generated. Arguments: server, contract.
import createClient from "openapi-fetch";
import type { components, paths } from "./schema";

type Part = components["schemas"]["Part"];
declare const process: { argv: string[] };
const [baseUrl, contrat] = process.argv.slice(2);

const sum = (shares: { somme: string | null; valeur: number | null }[]): number =>
  shares.filter((share) => share.somme === "par-subdivision").reduce((total, share) => total + (share.valeur ?? 0), 0);

export const valueOfShare = (share: Part): string => {
  // @ts-expect-error: it is a number or null, neither any nor unknown
  const text: string = share.valeur;
  return text;
};

async function main(): Promise<void> {
  const { data } = await createClient<paths>({ baseUrl }).GET("/doc/contrat/{contrat}.json", { params: { path: { contrat } } });
  const shares: Part[] = data!.chiffres.filter((figure) => figure.type === "Part");
  console.log("openapi-typescript", sum(shares).toFixed(1));
}

main();
